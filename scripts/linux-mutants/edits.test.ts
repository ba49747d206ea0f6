import { expect, test } from 'vitest';
import { withEdits } from './edits.ts';

const SOURCE = `static int other(int a);

static int one(int a,
	       int b)
{
	return a + b;
}

static int other(int a)
{
	return a + b;
}
`;

test('changes the one place in the named function', () => {
  const changed = withEdits(SOURCE, [{ in: 'other', find: 'a + b', replace: 'a - b' }], 'm');
  expect(changed).toBe(SOURCE.replace(/a \+ b(?![^]*a \+ b)/, 'a - b'));
});

test.each([
  [{ find: 'a + b', replace: '' }, "The mutant m does not apply: 'a + b' stands 2 times."],
  [{ in: 'one', find: 'a * b', replace: '' }, "The mutant m does not apply: 'a * b' stands 0 times in one()."],
  [{ in: 'two', find: 'a', replace: '' }, 'The mutant m does not apply: there is no function two().'],
])('an edit without exactly one place is an error: %j', (edit, sentence) => {
  expect(() => withEdits(SOURCE, [edit], 'm')).toThrow(sentence);
});
