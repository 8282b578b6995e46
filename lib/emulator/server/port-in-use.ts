/** The port to listen on is already in use. */
export class PortInUse extends Error {
  constructor(
    public readonly host: string,
    public readonly port: number,
  ) {
    super(
      `port ${port} on ${host} is in use: stop the program that listens there, or choose another port (0 takes any free one)`,
    );
    this.name = 'PortInUse';
  }
}
