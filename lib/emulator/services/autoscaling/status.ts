/** One Auto Scaling group's capacity. */
export interface GroupStatus {
  readonly name: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly instances: readonly { readonly id: string; readonly state: string }[];
  /** The instances of its warm pool. */
  readonly warmPool: readonly { readonly id: string; readonly state: string }[];
}
