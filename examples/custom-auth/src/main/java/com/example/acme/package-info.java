/**
 * The auth of an API that nobody else knows. Start with {@link com.example.acme.AcmeHmac}. Imports
 * {@code io.millrace.plugin} and the JDK.
 */
package com.example.acme;
