/**
 * Where rows land: what every destination must do, and what all of them share (fence, schema merge,
 * fault points). Start at {@link io.millrace.activities.destination.Loader}. May import definitions
 * and {@code staging}; an engine lives in a package of its own below this one.
 */
package io.millrace.activities.destination;
