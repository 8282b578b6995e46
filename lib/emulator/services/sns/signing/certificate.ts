// Written by scripts/sns-certificate.mjs.

/** The path of the certificate on SNS's host. */
export const CERTIFICATE_PATH = '/SimpleNotificationService-5a6104488c6076786a0c9afb47199769.pem';

/** The certificate of the key that signs, in PEM. */
export const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIB7DCCAVWgAwIBAgIBATANBgkqhkiG9w0BAQsFADA5MRowGAYDVQQDExFzbnMu',
  'YW1hem9uYXdzLmNvbTEbMBkGA1UEChMSU3BpbGx3YXkgKG5vdCBBV1MpMCAXDTAw',
  'MDEwMTAwMDAwMFoYDzIxNTAwMTAxMDAwMDAwWjA5MRowGAYDVQQDExFzbnMuYW1h',
  'em9uYXdzLmNvbTEbMBkGA1UEChMSU3BpbGx3YXkgKG5vdCBBV1MpMIGfMA0GCSqG',
  'SIb3DQEBAQUAA4GNADCBiQKBgQCbJr1fIC7nOrm3PacEawBDuDiGxY2616EOQiSj',
  'Uo0VLcy9JPxgiXe+yF/F36sLMTzIYXr+QBf/bdye2M+jZGPf/aE5O9ErOk/ChMLY',
  'bXU6Z0IL1LYLHAm1gdeZR348k3vJeu0z9RsgScd5C3Gj7n6FKEnLkg1+TvOk2kob',
  'CH92UQIDAQABowIwADANBgkqhkiG9w0BAQsFAAOBgQAvq+Y5uychvQ9Ryla1WfqT',
  'vIFemI+uNj4Pcuu2P3gLRc5y6an9/zeYj6K9gLIYEJVip5YjwGr2GqNfEbuaykCJ',
  'BjclCvR46cNd2p7ng8KEOhnuv0A07nJUR83qnNiuyxjxS3btDA1liTBRfIfduCuq',
  'ITozJurPdORYKsrMm51O1w==',
  '-----END CERTIFICATE-----',
  '',
].join('\n');

/** The key that signs, as a JSON Web Key. It is no secret: it protects nothing. */
export const PRIVATE_KEY = {
  kty: 'RSA',
  n: 'mya9XyAu5zq5tz2nBGsAQ7g4hsWNutehDkIko1KNFS3MvST8YIl3vshfxd-rCzE8yGF6_kAX_23cntjPo2Rj3_2hOTvRKzpPwoTC2G11OmdCC9S2CxwJtYHXmUd-PJN7yXrtM_UbIEnHeQtxo-5-hShJy5INfk7zpNpKGwh_dlE',
  e: 'AQAB',
  d: 'jMnUohOEPFNv3zXU7w9hyBHNSY7PE7ND9LpUoNfyKjvLQ__h_IAB51_QeLCEd72QWI0MnNbwb9rzjjlUAgLBFUFQYojOtZ1pe25y5FKWDS8ZQigHAAvOIhYXyB7_BVjfPvHjgnuvXfZO0KVdR7-Cr7LD2dVxP9Nu-U8EpfkIudk',
  p: 'yElKc9FYrq0b4j1x6ffr4wmq-WHbKBS8GhilJcPwBeNNB5cCYfU-UXIEvBa1zfgUh6NDm-26e1BvGG3BEAPzuw',
  q: 'xk9QvgY3p00avcS15Paa9ElilOqVlVAuuOGdNUQgCwXwIULxBDlpCRNhv1RDAOjdpohcen0aOAuaqvopVmzPYw',
  dp: 'fJDYtV-mgD058mO0zYdcNkB1DdVGsI70zmY1kF9kkMTly6qn2LTmpVD8kN6vBAMfAZ0RF5GrQbas4cyhHozWsQ',
  dq: 'JLqH78njAN9s9ny6W5-470mwMniIH9Fr9d4DadwmOyRsZxyo2ulvJLksP21xw3ddpfxXdHA7LOopSUVv5ovclQ',
  qi: 'l9zGL-NazlAmpqCyFjt7p8AeeyIoxr2946tQAf0jf8RmhR6Nh-m5sPo3j4JVGG8lzWOIy9IKiJFeO5Q5gDug3w',
} as const;
