package io.millrace.worker;

import io.millrace.MillraceException;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.failure.ApplicationFailure;

/**
 * Makes every failure of a step final. For the embedded server: somebody sits before it and waits,
 * and what could be tried again at once (a request, a locked file) was tried inside the step. A
 * real server tries again for hours.
 */
final class FailAtOnce extends WorkerInterceptorBase {
  @Override
  public ActivityInboundCallsInterceptor interceptActivity(ActivityInboundCallsInterceptor next) {
    return new ActivityInboundCallsInterceptorBase(next) {
      @Override
      public ActivityOutput execute(ActivityInput input) {
        try {
          return super.execute(input);
        } catch (ApplicationFailure failure) {
          failure.setNonRetryable(true);
          throw failure;
        } catch (MillraceException failure) {
          throw ApplicationFailure.newNonRetryableFailureWithCause(
              failure.getMessage(), failure.failure().name(), failure.getCause());
        }
      }
    };
  }
}
