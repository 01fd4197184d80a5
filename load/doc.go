// Package load drives an HTTP service with requests and measures how it answers. It knows nothing of what is sent.
package load
