import { storeConformance } from '../../../test/conformance/store.ts';
import { emptyContents, openMemoryStore } from './memory.ts';

storeConformance('the in-memory store', () => {
  const contents = emptyContents();
  return { open: () => openMemoryStore(contents), dispose: () => undefined };
});
