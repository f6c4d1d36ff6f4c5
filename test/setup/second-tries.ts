import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Names each test that failed and then passed when it was tried again, with its first error: it is not red, but it is not well either. */
export default class SecondTries implements Reporter {
  private readonly found: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const [error] = test.result().errors ?? [];
    this.found.push(`  ${test.module.relativeModuleId} > ${test.fullName}\n    ${error?.message ?? 'its first error was not kept'}`);
  }

  onTestRunEnd(_modules: readonly TestModule[]): void {
    if (this.found.length > 0) console.log(`\nPassed only when tried again (${this.found.length}):\n${this.found.join('\n')}`);
  }
}
