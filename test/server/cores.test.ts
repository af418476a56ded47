/** How many cores may be used: what the control group allows, where it does. */
import test from 'ava';
import {coresInFile, usableCores} from '../../src/server/cores.js';
import {tempFile} from '../helpers/temp-files.js';

test('the share of a control group counts in whole cores, upwards', t => {
  const cores = (content: string) => coresInFile(tempFile(t, content));
  t.is(cores('200000 100000\n'), 2);
  t.is(cores('150000 100000\n'), 2);
  t.is(cores('10000 100000\n'), 1);
  for (const content of ['max 100000\n', '', 'x']) t.is(cores(content), Number.POSITIVE_INFINITY);
  t.is(coresInFile('/nowhere'), Number.POSITIVE_INFINITY);
});

test('there is one at least', t => {
  t.true(Number.isInteger(usableCores()) && usableCores() >= 1);
});
