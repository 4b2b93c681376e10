package io.millrace.activities.extract.rest;

import io.millrace.MillraceException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Pages that are asked for before their turn, where a total promises them. It only saves waiting:
 * whoever reads goes from page to page as without it, and takes from here the page that was asked
 * for in exactly the way that is next. What turns out not to be next is thrown away, and then there
 * is no more guessing. For one thread.
 */
final class Ahead implements AutoCloseable {
  private final int most;
  private final Supplier<Caller> callers;
  private final Runnable alive;
  private final Deque<Asking> asked = new ArrayDeque<>();
  private final AtomicLong requests = new AtomicLong();
  private final Queue<Caller> idle = new ConcurrentLinkedQueue<>();
  private ThreadPoolExecutor threads;
  private boolean off;
  private Counting.Promised last;

  /** Of those who ask: the last one. */
  private Line end;

  /**
   * @param places requests at the same time; below 2 nothing is done here. So many pages more are
   *     read and packed meanwhile
   * @param callers one for each thread: they are not thread-safe
   * @param alive called about each second while a page is waited for
   */
  Ahead(int places, Supplier<Caller> callers, Runnable alive) {
    this.most = 2 * places;
    this.callers = callers;
    this.alive = alive;
    this.off = places < 2;
  }

  private record Asking(Step step, Future<Caller.Got> answer) {}

  /** The page for a step; {@code null} when it has not been asked for. */
  Caller.Got take(Step step) {
    Asking first = asked.poll();
    if (first == null) {
      return null;
    }
    if (!first.step().equals(step)) {
      asked.addFirst(first);
      stop();
      return null;
    }
    try {
      while (true) {
        try {
          return first.answer().get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          alive.run();
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MillraceException failed) {
        throw failed;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw Http.interrupted(e);
    }
  }

  /** Whether the page of a step is the next that was asked for. */
  boolean asked(Step step) {
    Asking first = asked.peek();
    return first != null && first.step().equals(step);
  }

  /**
   * Asks for what is promised, as far as there is room.
   *
   * @param room pages that fit in what is read now
   * @param get gets the page of the so-many-th promised step, counted from 0
   */
  void look(Counting.Promised promised, long room, BiFunction<Caller, Long, Caller.Got> get) {
    boolean same = last == null || last.total() == promised.total() && last.by() == promised.by();
    if (off || !same) {
      stop(); // what was promised before is worth nothing
      return;
    }
    last = promised;
    long window = Math.min(Math.min(2L * most, room), places(promised));
    if (window < 2) {
      return;
    }
    for (long i = asked.size(); i < window; i++) {
      long place = i;
      Step step = Step.number(promised.next() + i * promised.by());
      Caller known = idle.poll();
      Caller caller = known == null ? callers.get() : known;
      Line line = new Line(end);
      end = line;
      asked.add(new Asking(step, threads().submit(() -> got(caller, line, place, get))));
    }
  }

  private Caller.Got got(
      Caller caller, Line line, long place, BiFunction<Caller, Long, Caller.Got> get) {
    long before = caller.requests();
    caller.behind(line);
    try {
      return get.apply(caller, place);
    } finally {
      line.go(); // also when nothing was sent
      requests.addAndGet(caller.requests() - before);
      idle.add(caller);
    }
  }

  private static long places(Counting.Promised promised) {
    return Math.max(0, (promised.end() - promised.next() + promised.by() - 1) / promised.by());
  }

  /** Requests sent here; complete when closed. */
  long requests() {
    return requests.get();
  }

  private void stop() {
    off = true;
    asked.forEach(asking -> asking.answer().cancel(true));
    asked.clear();
  }

  private ThreadPoolExecutor threads() {
    if (threads == null) {
      threads =
          new ThreadPoolExecutor(
              most, most, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Ahead::daemon);
    }
    return threads;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "millrace-ahead");
    thread.setDaemon(true);
    return thread;
  }

  /** Ends what is under way: afterwards nobody asks the server for this fetch. */
  @Override
  public void close() {
    stop();
    if (threads == null) {
      return;
    }
    threads.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
