/** The parts of a dynamic reference to a secret. */
export interface SecretReference {
  readonly id: string;
  readonly jsonKey?: string;
  readonly stage?: string;
  readonly versionId?: string;
}

/** Reads `id:SecretString:json-key:stage:version-id`. The id may be an ARN, which has colons itself. */
export function parseSecretReference(reference: string): SecretReference {
  const parts = reference.split(':');
  const idParts = reference.startsWith('arn:') ? 7 : 1;
  const id = parts.slice(0, idParts).join(':');
  const [, jsonKey = '', stage = '', versionId = ''] = parts.slice(idParts);
  return {
    id,
    ...(jsonKey !== '' && { jsonKey }),
    ...(stage !== '' && { stage }),
    ...(versionId !== '' && { versionId }),
  };
}
