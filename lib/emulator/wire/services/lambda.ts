import {
  CreateEventSourceMapping$,
  CreateFunction$,
  DeleteEventSourceMapping$,
  DeleteFunction$,
  GetEventSourceMapping$,
  GetFunction$,
  GetFunctionConfiguration$,
  Invoke$,
  ListEventSourceMappings$,
  ListFunctions$,
  UpdateEventSourceMapping$,
  UpdateFunctionCode$,
  UpdateFunctionConfiguration$,
} from '@aws-sdk/client-lambda';
import type { ServiceBinding } from '../service-binding';
import { constraintViolations } from './constraint-violations';

/** Lambda on the wire: REST JSON. */
export function lambdaBinding(resolve: ServiceBinding['resolve']): ServiceBinding {
  return {
    signingName: 'lambda',
    targetPrefix: 'AWSGirApiService',
    apiVersion: '2015-03-31',
    protocols: ['restJson'],
    operations: [
      CreateEventSourceMapping$,
      CreateFunction$,
      DeleteEventSourceMapping$,
      DeleteFunction$,
      GetEventSourceMapping$,
      GetFunction$,
      GetFunctionConfiguration$,
      Invoke$,
      ListEventSourceMappings$,
      ListFunctions$,
      UpdateEventSourceMapping$,
      UpdateFunctionCode$,
      UpdateFunctionConfiguration$,
    ],
    resolve,
    missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
  };
}
