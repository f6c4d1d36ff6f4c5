import { expect, test } from 'vitest';
import { filesIn } from './patch.ts';

const PATCH = `diff --git a/src/a b.ts b/src/a b.ts
index 1..2 100644
--- a/src/a b.ts\t
+++ b/src/a b.ts\t
@@ -1,2 +1,2 @@
-old
+new
 diff --git a/x b/x is text here
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-bye
diff --git "a/\\303\\274ber \\"x\\".txt" "b/\\303\\274ber \\"x\\".txt"
new file mode 100644
--- /dev/null
+++ "b/\\303\\274ber \\"x\\".txt"
@@ -0,0 +1 @@
+hi
diff --git a/logo.png b/logo.png
new file mode 100644
Binary files /dev/null and b/logo.png differ
diff --git a/empty b/empty
new file mode 100644
`;

test('a patch by file: odd names, deleted, binary and empty ones', () => {
  const files = filesIn(PATCH);
  expect([...files.keys()]).toEqual(['src/a b.ts', 'gone.txt', 'über "x".txt', 'logo.png', 'empty']);
  expect(files.get('src/a b.ts')).toEqual(['@@ -1,2 +1,2 @@', '-old', '+new', ' diff --git a/x b/x is text here']);
  expect(files.get('logo.png')).toEqual(['Binary files /dev/null and b/logo.png differ']);
  expect(files.get('empty')).toEqual([]);
});
