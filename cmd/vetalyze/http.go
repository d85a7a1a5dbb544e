package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
)

func (h *house) metricsHandler() http.Handler {
	return promhttp.HandlerFor(h.metrics, promhttp.HandlerOpts{})
}

// What a client may take: it can be anybody who reaches the port.
const (
	headerTime  = 10 * time.Second
	headerBytes = 64 << 10
	bodyTime    = 20 * time.Second
	idleTime    = 2 * time.Minute
)

// serveHTTP serves within the group until ctx ends.
func serveHTTP(ctx context.Context, group *errgroup.Group, listener net.Listener, handler http.Handler, logger *slog.Logger) {
	server := &http.Server{
		Handler:           hurried(handler),
		ReadHeaderTimeout: headerTime,
		MaxHeaderBytes:    headerBytes,
		IdleTimeout:       idleTime,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			return server.Close()
		}
		return nil
	})
}

// hurried gives the body of a request bodyTime to arrive, also one that the handler does not read: the server waits for it
// before it sends the answer. Its ReadTimeout would end requests whose answer takes longer, too.
func hurried(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 { // -1: to be seen
			control := http.NewResponseController(w)
			if control.SetReadDeadline(time.Now().Add(bodyTime)) == nil {
				bounded := *r // the server goes on with the original
				bounded.Body = &hurriedBody{r.Body, control}
				r = &bounded
			}
		}
		next.ServeHTTP(w, r)
	})
}

// A hurriedBody lifts the deadline once it has arrived: behind it, the server listens for the client to hang up.
type hurriedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *hurriedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{}) // fails only where nobody is left to answer
	}
	return n, err
}
