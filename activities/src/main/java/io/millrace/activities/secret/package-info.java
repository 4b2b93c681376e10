/**
 * Values that must not be seen: looked up at the moment of use, masked wherever text leaves. Start
 * with {@link io.millrace.activities.secret.Secrets}. May import {@code definitions} only.
 */
package io.millrace.activities.secret;
