import {
  CreateAlias$,
  CreateEventSourceMapping$,
  CreateFunction$,
  DeleteAlias$,
  DeleteEventSourceMapping$,
  DeleteFunction$,
  DeleteFunctionConcurrency$,
  GetAlias$,
  GetEventSourceMapping$,
  GetFunction$,
  GetFunctionConcurrency$,
  GetFunctionConfiguration$,
  Invoke$,
  ListAliases$,
  ListEventSourceMappings$,
  ListFunctions$,
  ListVersionsByFunction$,
  PublishVersion$,
  PutFunctionConcurrency$,
  UpdateAlias$,
  UpdateEventSourceMapping$,
  UpdateFunctionCode$,
  UpdateFunctionConfiguration$,
} from '@aws-sdk/client-lambda';
import type { ServiceBinding } from '../service-binding';
import { unknownOperation } from '../protocol/error-shapes';
import { constraintViolations } from './constraint-violations';

/** Lambda on the wire: REST JSON. */
export function lambdaBinding(resolve: ServiceBinding['resolve']): ServiceBinding {
  return {
    signingName: 'lambda',
    targetPrefix: 'AWSGirApiService',
    apiVersion: '2015-03-31',
    protocols: ['restJson'],
    operations: [
      CreateAlias$,
      CreateEventSourceMapping$,
      CreateFunction$,
      DeleteAlias$,
      DeleteEventSourceMapping$,
      DeleteFunction$,
      DeleteFunctionConcurrency$,
      GetAlias$,
      GetEventSourceMapping$,
      GetFunction$,
      GetFunctionConcurrency$,
      GetFunctionConfiguration$,
      Invoke$,
      ListAliases$,
      ListEventSourceMappings$,
      ListFunctions$,
      ListVersionsByFunction$,
      PublishVersion$,
      PutFunctionConcurrency$,
      UpdateAlias$,
      UpdateEventSourceMapping$,
      UpdateFunctionCode$,
      UpdateFunctionConfiguration$,
    ],
    resolve,
    refine({ action }) {
      // Functions come by templates: what the service's method of this name takes is their unpacked code.
      if (action === 'CreateFunction') throw unknownOperation(action, 404);
    },
    missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
  };
}
