import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../../lib/emulator/cloudformation';
import { cloudOfVersions, queue } from './cloud-of-versions';
import { deployTemplate } from './support';

const parameter = (Value: Json): JsonObject => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } });
/** An object with a member `__proto__`, as JSON can have one. */
const proto = (value: Json): JsonObject => JSON.parse(`{"__proto__":${JSON.stringify(value)}}`) as JsonObject;

describe('names that objects of JavaScript have anyway', () => {
  test.each(['constructor', 'toString', '__proto__'])(
    '%s is no attribute, resource, variable or parameter',
    async (name) => {
      const valueOf = (Value: Json, more: JsonObject = {}) =>
        deployTemplate({ Resources: { A: parameter('a'), B: parameter(Value) }, ...more });
      const at = 'Test: Resources.B.Properties.Value';
      await expect(valueOf({ 'Fn::GetAtt': ['A', name] })).rejects.toThrow(
        `${at}.Fn::GetAtt: A (AWS::SSM::Parameter) has no attribute ${name}; it has: Arn, Type, Value`,
      );
      const missing = `there is no resource, parameter or pseudo parameter ${name}`;
      await expect(valueOf({ 'Fn::GetAtt': [name, 'Arn'] })).rejects.toThrow(`${at}.Fn::GetAtt: ${missing}`);
      await expect(valueOf({ Ref: name })).rejects.toThrow(`${at}.Ref: ${missing}`);
      await expect(valueOf({ 'Fn::Sub': `\${${name}}` })).rejects.toThrow(`${at}.Fn::Sub: ${missing}`);
      await expect(valueOf({ 'Fn::Sub': [`\${${name}}`, {}] })).rejects.toThrow(`${at}.Fn::Sub: ${missing}`);
      await expect(valueOf({ 'Fn::FindInMap': [name, name, name] })).rejects.toThrow('there is no ');
      await expect(valueOf({ 'Fn::If': [name, 'a', 'b'] })).rejects.toThrow(
        `there is no condition ${name}; there are: none`,
      );
      await expect(deployTemplate({ Resources: { A: { ...parameter('a'), DependsOn: name } } })).rejects.toThrow(
        `Resources.A.DependsOn: there is no resource ${name}`,
      );
      const declared = JSON.parse(`{"${name}":{"Type":"String"}}`) as JsonObject;
      await expect(valueOf('b', { Parameters: declared })).rejects.toThrow(
        `Test: Parameters.${name}: it has no default, and no value was given`,
      );
    },
  );

  test('are variables, mappings and properties like any others where a template has them', async () => {
    const { resources } = await deployTemplate({
      Mappings: proto({ constructor: { toString: 'mapped' } }),
      Resources: {
        Mapped: parameter({ 'Fn::FindInMap': ['__proto__', 'constructor', 'toString'] }),
        Varied: parameter({ 'Fn::Sub': ['${__proto__}', proto('varied')] }),
        Written: parameter({ 'Fn::ToJsonString': proto(1) }),
        Unknown: { ...parameter('x'), Properties: { Type: 'String', Value: 'x', constructor: 1 } },
      },
    });
    expect(resources.map(({ attributes }) => attributes.Value)).toEqual(['mapped', 'varied', '{"__proto__":1}', 'x']);
    expect(resources[3].properties).toContainEqual({ name: 'constructor', status: 'unsupported' });
  });

  test('are tags like any others: added, changed and removed', async () => {
    const { app, sqs, resource } = cloudOfVersions();
    const tagged = (...keys: string[]) => queue({ Tags: keys.map((Key) => ({ Key, Value: 'x' })) });
    const tags = async () => (await sqs.listQueueTags({ QueueUrl: resource('Jobs').physicalId })).Tags;
    await app({ Jobs: tagged('constructor', 'kept') });
    expect(await tags()).toEqual({ constructor: 'x', kept: 'x' });
    await app({ Jobs: tagged('kept', 'toString') });
    expect(await tags()).toEqual({ kept: 'x', toString: 'x' });
  });

  test('are dimensions of metrics like any others', async () => {
    const { cloudWatch } = cloudOfVersions();
    const Dimensions = ['__proto__', 'constructor'].map((Name) => ({ Name, Value: 'x' }));
    const MetricData = [{ MetricName: 'Depth', Value: 1, Dimensions }];
    await cloudWatch.putMetricData({ Namespace: 'App', MetricData });
    const { Metrics } = await cloudWatch.listMetrics({ Namespace: 'App', Dimensions: [{ Name: '__proto__' }] });
    expect(Metrics).toEqual([{ Namespace: 'App', MetricName: 'Depth', Dimensions }]);
    expect((await cloudWatch.listMetrics({ Dimensions: [{ Name: 'toString' }] })).Metrics).toEqual([]);
  });
});

describe('what is nested deeply', () => {
  /** A folder with one template, written without recursion. */
  const assembly = (template: string): string => {
    const directory = mkdtempSync(join(tmpdir(), 'spillway-template-'));
    const artifact = { type: 'aws:cloudformation:stack', properties: { templateFile: 'App.template.json' } };
    writeFileSync(
      join(directory, 'manifest.json'),
      JSON.stringify({ version: '50.0.0', artifacts: { App: artifact } }),
    );
    writeFileSync(join(directory, 'App.template.json'), template);
    return directory;
  };
  /** A template with a value of so many nested joins: three levels each, six below them. */
  const joined = (joins: number, inner = '"x"'): string => {
    const value = `${'{"Fn::Join":["",['.repeat(joins)}${inner}${']]}'.repeat(joins)}`;
    return `{"Resources":{"A":{"Type":"AWS::SSM::Parameter","Properties":{"Type":"String","Value":${value}}}}}`;
  };

  test('is followed to 256 levels, and refused beyond', async () => {
    const { emulator, resource } = cloudOfVersions();
    await emulator.load(assembly(joined(84)));
    expect(resource('A').attributes.Value).toBe('x');
    const problem = "App.template.json: it is nested more than 256 levels deep, which is the emulator's limit";
    await expect(emulator.load(assembly(joined(84, '{"Ref":"A"}')))).rejects.toThrow(problem);
    await expect(emulator.load(assembly(joined(3_000)))).rejects.toThrow(problem);
    await expect(emulator.load(assembly(joined(100_000)))).rejects.toThrow(problem);
  });

  test('is refused in a property that comes as a JSON text', async () => {
    const { app } = cloudOfVersions();
    const policy = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    await expect(app({ Jobs: queue({ RedrivePolicy: policy }) })).rejects.toThrow(
      'App: Resources.Jobs.Properties.RedrivePolicy: must be a JSON object, but was "{\\"a\\":[[[',
    );
  });

  test('is refused of conditions that refer to one another', async () => {
    const chain = (length: number): JsonObject =>
      Object.fromEntries(
        Array.from({ length }, (_, i): [string, Json] => {
          const next: Json =
            i + 1 === length ? { 'Fn::Equals': ['a', 'a'] } : { 'Fn::Not': [{ Condition: `C${i + 1}` }] };
          return [`C${i}`, next];
        }),
      );
    const conditional = (length: number) =>
      deployTemplate({ Conditions: chain(length), Resources: { A: { ...parameter('a'), Condition: 'C0' } } });
    expect((await conditional(255)).resources).toHaveLength(1);
    await expect(conditional(10_000)).rejects.toThrow(
      "Test: Conditions.C256: conditions refer to one another more than 256 deep, which is the emulator's limit",
    );
  });
});
