package io.millrace.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** Hears signals of the operating system. */
public interface Signals {
  /** Ctrl-C. */
  String INT = "INT";

  /** What a supervisor sends before it kills. */
  String TERM = "TERM";

  /** Never hears one. */
  Signals NONE = (name, action) -> () -> {};

  /**
   * Runs {@code action}, on a thread of its own, each time the signal arrives, instead of what the
   * process would do. Closing the handle gives back what was before.
   */
  Handle on(String name, Runnable action);

  /** A subscription. */
  interface Handle extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Those of this process. The JDK's only signal interface is in {@code jdk.unsupported}, which the
   * compiler refuses to name without a warning: hence by reflection. Where it is missing, the
   * default of the JVM stays.
   */
  static Signals ofProcess() {
    return (name, action) -> {
      try {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        InvocationHandler call =
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    action.run();
                    yield null;
                  }
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> "handler of " + name;
                };
        Object handler =
            Proxy.newProxyInstance(
                handlerType.getClassLoader(), new Class<?>[] {handlerType}, call);
        var handle = signalType.getMethod("handle", signalType, handlerType);
        Object before = handle.invoke(null, signal, handler);
        return () -> {
          try {
            handle.invoke(null, signal, before);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
          }
        };
      } catch (ReflectiveOperationException e) {
        return () -> {};
      }
    };
  }
}
