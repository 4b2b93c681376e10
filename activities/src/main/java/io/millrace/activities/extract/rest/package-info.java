/**
 * REST APIs: requests, pages, waits and the guard in front of every address that a server names.
 * Start with {@link io.millrace.activities.extract.rest.RestExtractor}. May import {@code
 * definitions}, {@code secret} and {@code staging}.
 */
package io.millrace.activities.extract.rest;
