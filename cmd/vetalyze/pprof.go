package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"golang.org/x/sync/errgroup"
)

// inspection is how closely those who run the process may look.
type inspection struct {
	SlowQuery   time.Duration `env:"SLOW_QUERY" default:"100ms" placeholder:"DURATION" help:"Log queries that take at least so long, by name (${default}); 0 logs none."`
	PprofListen string        `env:"PPROF_LISTEN" placeholder:"ADDRESS" help:"Where to serve Go profiles: a loopback address, such as 127.0.0.1:6060. Empty: nowhere."`
}

// Validate says which setting is wrong and why.
func (i inspection) Validate() error {
	if i.SlowQuery < 0 {
		return fmt.Errorf("SLOW_QUERY: %v is less than nothing; 0 logs no query", i.SlowQuery)
	}
	if i.PprofListen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(i.PprofListen)
	if err != nil {
		return fmt.Errorf("PPROF_LISTEN: %q is not host:port, such as 127.0.0.1:6060", i.PprofListen)
	}
	// Profiles show what the process remembers.
	if host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("PPROF_LISTEN: %q is not an address of this machine alone, such as 127.0.0.1:6060", i.PprofListen)
	}
	return nil
}

// profile serves Go profiles within the group until ctx ends, if that is wanted.
func (h *house) profile(ctx context.Context, group *errgroup.Group, i inspection) error {
	if i.PprofListen == "" {
		return nil
	}
	var config net.ListenConfig
	opened, err := config.Listen(ctx, "tcp", i.PprofListen)
	if err != nil {
		return fmt.Errorf("PPROF_LISTEN: cannot listen on %s: %w", i.PprofListen, err)
	}
	if address, ok := opened.Addr().(*net.TCPAddr); !ok || !address.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("PPROF_LISTEN: %s is %v, not this machine alone", i.PprofListen, opened.Addr()), opened.Close())
	}
	h.logger.InfoContext(ctx, "serving profiles", "address", opened.Addr().String())
	serveHTTP(ctx, group, opened, profiles(), h.logger)
	return nil
}

// profiles are net/http/pprof's, on their own: the package puts them on http.DefaultServeMux, which nobody here serves.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
