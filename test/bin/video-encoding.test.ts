import { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib/core';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { VideoEncodingStack } from '../../bin/video-encoding';

describe('the reference app', () => {
  test.each([
    ['off', undefined],
    ['on', CURRENTLY_RECOMMENDED_FLAGS],
  ])('with feature flags %s (snapshot)', (_, context) => {
    const app = new App({ context, analyticsReporting: false });
    expect(Template.fromStack(new VideoEncodingStack(app, 'VideoEncoding')).toJSON()).toMatchSnapshot();
  });
});
