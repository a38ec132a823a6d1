import t from 'tap';
import { JSON_FIELD, paramsOf } from '../../web/panels/command-params.ts';

const fields = (...pairs: [string, string][]) => new Map(pairs);

t.test('parameters of the path and others make one object', async (t) => {
  t.strictSame(paramsOf(fields(), ''), { params: undefined });
  t.strictSame(paramsOf(fields(), ' [1] '), { params: [1] });
  t.strictSame(paramsOf(fields(['id', '7']), ''), { params: { id: '7' } });
  t.strictSame(paramsOf(fields(['id', '7']), '{"rows": 2}'), { params: { rows: 2, id: '7' } });
});

t.test('what is wrong is told by field', async (t) => {
  t.match(paramsOf(fields(['id', ' ']), ''), { field: 'id', problem: 'is needed' });
  t.match(paramsOf(fields(), '{'), { field: JSON_FIELD, problem: /^is no JSON: / });
  t.match(paramsOf(fields(['id', '7']), '[]'), { field: JSON_FIELD, problem: /must be an object/ });
  t.match(paramsOf(fields(['id', '7']), 'null'), { field: JSON_FIELD, problem: /must be an object/ });
  t.match(paramsOf(fields(['id', '7']), '{"id": 8}'), { field: JSON_FIELD, problem: /has id/ });
});
