/**
 * Commands that run the tests of a project: programs for it, and programs whose word for it comes behind them. A file that is called like one, or
 * a message that speaks of tests, is none.
 */
export const TESTS =
  /(?<=^|[\s;&|(/])(?:vitest|jest|mocha|ava|pytest|py\.test|tox|nox|rspec|bats|phpunit|ctest|(?:(?:ba|z|da)?sh\s+|\.{1,2}\/)(?:[\w.-]{1,40}\/){0,5}[\w.-]{0,40}(?:tests?|checks?)\.sh|playwright\s+test|cypress\s+run|node\s+(?:--\S+\s+){0,5}--test|python3?\s+-m\s+(?:pytest|unittest)|(?:npm|pnpm|yarn|bun|deno|cargo|go|mvn|mvnw|gradle|gradlew|make|dotnet|mix|rake|rails|swift|just|sbt|bazel|lein|stack|cabal|flutter)\s(?:[^;&|\n]{0,100}?[\s:])?(?:tests?|t|check|nextest|verify)(?::[\w:-]{0,40})?)(?=$|[\s;&|)])/g;
