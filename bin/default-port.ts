/** The port of the local cloud if none is given, which is also that of LocalStack. */
export const DEFAULT_PORT = 4566;
