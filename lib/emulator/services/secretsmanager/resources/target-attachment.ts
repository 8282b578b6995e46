import { inertProvider, textOr } from '../../../cloudformation/resources/inert';

/** Adds a database's address to a secret on AWS. There are no databases here: the secret stays as it is. */
export const secretTargetAttachment = inertProvider({
  type: 'AWS::SecretsManager::SecretTargetAttachment',
  note: 'there are no databases whose address it could add to the secret',
  create(resource) {
    const id = textOr(resource.properties.SecretId, '');
    return { ref: id, attributes: { Id: id } };
  },
});
