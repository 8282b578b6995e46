import { type SQSEvent } from 'aws-lambda';
import { handler as catalogue } from '../../lambda/catalogue';
import { encode, parseVideo } from '../../lambda/encoder/video';

describe('the encoder', () => {
  const { signal } = new AbortController();

  test('makes the same bytes of the same video, and others of another', async () => {
    const bytes = await encode({ video: 7, frames: 3 }, signal);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(3 * 1_024);
    await expect(encode({ video: 7, frames: 3 }, signal)).resolves.toBe(bytes);
    await expect(encode({ video: 7, frames: 1 }, signal)).resolves.toBeLessThan(bytes);
  });

  test('fails on a corrupt video, and when its message is lost', async () => {
    await expect(encode({ video: 7, frames: 3, corrupt: true }, signal)).rejects.toThrow('video 7 is corrupt');
    await expect(encode({ video: 7, frames: 3 }, AbortSignal.abort(new Error('lost')))).rejects.toThrow('lost');
  });

  test.each(['', 'null', '{}', '{"video":"7","frames":1}', '{"video":7}', '{"video":7,"frames":0}'])(
    'fails on the body %p',
    (body) => {
      expect(() => parseVideo(body)).toThrow(/JSON|expected/);
    },
  );
});

test('the catalogue logs a line for each video, and reports the messages that are none', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation();
  const error = jest.spyOn(console, 'error').mockImplementation();
  const record = (messageId: string, body: string) => ({ messageId, body, eventSourceARN: 'arn', attributes: {} });
  const event = { Records: [record('1', '{"video":7,"bytes":99}'), record('2', 'what?')] } as unknown as SQSEvent;
  await expect(catalogue(event)).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  expect(log.mock.calls).toEqual([['{"catalogued":7,"bytes":99}']]);
  log.mockRestore();
  error.mockRestore();
});
