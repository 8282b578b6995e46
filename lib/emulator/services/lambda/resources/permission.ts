import { inertProvider } from '../../../cloudformation/resources/inert';

export const lambdaPermission = inertProvider({
  type: 'AWS::Lambda::Permission',
  note: 'permissions are not enforced',
  create(resource) {
    const id = resource.name({ longest: 100 });
    return { ref: id, attributes: { Id: id } };
  },
});
