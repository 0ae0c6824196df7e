export interface Target {
  readonly registry: string;
  readonly repository?: string;
}
