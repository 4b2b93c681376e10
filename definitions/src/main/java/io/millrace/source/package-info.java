/**
 * Where records come from: sources, resources, and the vocabulary of REST (endpoints, paginators,
 * auth) with dlt's words and defaults. Start at {@link io.millrace.source.Source}. May import
 * {@code schema}, {@code destination} and {@code project.Text}.
 */
package io.millrace.source;
