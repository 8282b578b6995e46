import { port } from './port';

/** What an event of an AWS service is about. */
export interface ServiceEvent {
  /** The ARNs of the resources that it is about. */
  readonly resources: readonly string[];
  readonly detail: object;
}

/** Takes the events that AWS services emit of themselves: on the default event bus of their account and Region. */
export interface ServiceEvents {
  /**
   * @param source `aws.cloudwatch`
   * @param detailType `CloudWatch Alarm State Change`
   * @param event makes the event; not called if nothing on the bus could take it
   */
  emit(source: string, detailType: string, event: () => ServiceEvent): void;
}

/** The events of the services of an account and Region. */
export const SERVICE_EVENTS = port<ServiceEvents>('core/service-events');
