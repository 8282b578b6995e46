/** The port that a server was to listen on is taken. */
export class PortInUse extends Error {
  constructor(
    public readonly host: string,
    public readonly port: number,
  ) {
    super(`port ${port} on ${host} is in use: stop what listens there, or choose another port (0 takes any free one)`);
    this.name = 'PortInUse';
  }
}
