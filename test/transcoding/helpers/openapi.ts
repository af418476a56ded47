/** The OpenAPI description of the test service. */
import {openApi} from '../../../src/transcoding/index.js';
import {featuresTranscoder} from './features.js';

export const transcoder = featuresTranscoder();
export const description = openApi({routes: transcoder.routes});
export const document = {openapi: '3.1.1', info: {title: 'Features', version: '1'}, ...description};
