package io.millrace.activities.normalize.reference;

import io.millrace.activities.Progress;
import io.millrace.activities.normalize.Identifiers;
import io.millrace.activities.normalize.Normalized;
import io.millrace.activities.normalize.Order;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * The product with one bug in it: a text of a source file replaced by another, compiled in memory
 * and loaded beside the real classes.
 */
final class Planted {
  private static final Path SOURCES = Path.of("src/main/java/io/millrace/activities");
  private static final String PACKAGE = "io.millrace.activities.normalize.";

  private Planted() {}

  /** A source file with a bug. */
  record Broken(Path file, String source) {}

  /**
   * That bug's file of the product, with it.
   *
   * @param bug a file with the lines {@code file: …}, {@code --- is}, {@code --- becomes} and
   *     {@code --- end}
   */
  static Broken broken(Path bug) throws IOException {
    String[] parts = Files.readString(bug).split("\n?--- (is|becomes|end)\n", -1);
    Path file = SOURCES.resolve(parts[0].substring("file: ".length()).strip());
    String source = Files.readString(file);
    int at = source.indexOf(parts[1]);
    if (at < 0 || source.indexOf(parts[1], at + 1) >= 0) {
      throw new AssertionError(
          "Cannot plant "
              + bug.getFileName()
              + ": its text is not there exactly once: "
              + file
              + " (write the patch again for the file as it is now)");
    }
    String rest = source.substring(at + parts[1].length());
    return new Broken(file, source.substring(0, at) + parts[2] + rest);
  }

  /** The engine with that bug. */
  static Subject.Engine engine(Path bug) throws IOException, ReflectiveOperationException {
    Map<String, byte[]> classes = compile(broken(bug));
    Class<?> normalizer = new Loader(classes).loadClass(PACKAGE + "Normalizer");
    MethodType type =
        MethodType.methodType(
            Normalized.class, Order.class, Iterable.class, Path.class, Progress.class);
    MethodHandle run = MethodHandles.publicLookup().findStatic(normalizer, "run", type);
    return (order, pages, to, progress) -> {
      try {
        return (Normalized) run.invokeExact(order, pages, to, progress);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private static Map<String, byte[]> compile(Broken broken) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, byte[]> classes = new HashMap<>();
    JavaFileObject unit =
        new SimpleJavaFileObject(
            URI.create("string:///" + broken.file().getFileName()), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreErrors) {
            return broken.source();
          }
        };
    List<String> options =
        List.of(
            "--release",
            "17",
            "-proc:none",
            "-implicit:none",
            "-nowarn",
            "-classpath",
            System.getProperty("java.class.path"));
    try (JavaFileManager files =
        new InMemory(compiler.getStandardFileManager(null, null, null), classes)) {
      var task = compiler.getTask(null, files, null, options, null, List.of(unit));
      if (!task.call()) {
        throw new AssertionError("Cannot plant: it does not compile: " + broken.file());
      }
    }
    return classes;
  }

  /** Keeps what the compiler writes. */
  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, byte[]> classes;

    InMemory(JavaFileManager real, Map<String, byte[]> classes) {
      super(real);
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("memory:///" + name + ".class"), kind) {
        @Override
        public OutputStream openOutputStream() {
          return new ByteArrayOutputStream() {
            @Override
            public void close() {
              classes.put(name, toByteArray());
            }
          };
        }
      };
    }
  }

  /** Loads the whole normalizer anew, but for what goes in and comes out. */
  private static final class Loader extends ClassLoader {
    private static final Set<String> PASSED =
        Set.of(Order.class.getName(), Identifiers.class.getName(), Normalized.class.getName());

    private final Map<String, byte[]> changed;

    Loader(Map<String, byte[]> changed) {
      super(Planted.class.getClassLoader());
      this.changed = changed;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(PACKAGE) || PASSED.contains(name)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known == null ? define(name) : known;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      byte[] b = changed.get(name);
      String resource = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(resource)) {
        b = b != null || in == null ? b : in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
      if (b == null) {
        throw new ClassNotFoundException(name);
      }
      return defineClass(name, b, 0, b.length);
    }
  }
}
