// node --import tsx scripts/schema.mjs writes spillway.schema.json, the JSON schema of the settings file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import settings from '../bin/settings.ts';
import up from '../bin/up/settings.ts';
import { root } from './tool.mjs';

const schema = settings.settingsSchema(up.UP_SETTINGS);
writeFileSync(join(root, 'spillway.schema.json'), `${JSON.stringify(schema, undefined, 2)}\n`);
