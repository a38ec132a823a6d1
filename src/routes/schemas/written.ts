import { Type } from '@sinclair/typebox';
import { CompositorSchema, LeaseSchema } from './compositor.ts';
import { ref } from './ref.ts';
import { cursor } from './text.ts';

const writtenFields = {
  cursor: cursor({ description: 'The commit this write made; the present one when it changed nothing.' }),
  changed: Type.Integer({ description: 'How many entries it changed.', examples: [1] }),
};
export const DescribedReply = Type.Object({ ...writtenFields, compositor: ref(CompositorSchema) });
export const RegisteredReply = Type.Object({
  ...writtenFields,
  compositor: ref(CompositorSchema),
  lease: ref(LeaseSchema),
});
export const WrittenReply = Type.Object(writtenFields);
