/**
 * The auth and the paging of an API that nobody else knows. Start with {@link
 * com.example.acme.AcmeHmac} and {@link com.example.acme.AcmeMonths}. Imports {@code
 * io.millrace.plugin} and the JDK.
 */
package com.example.acme;
