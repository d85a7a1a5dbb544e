package simulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
)

// Client returns an HTTP client that reaches the simulator in process, whatever host the address names. It
// streams bodies, honours cancellation, and gives broken connections as a network would.
func (s *Simulator) Client() *http.Client {
	return &http.Client{Transport: inProcess{handler: s.Handler()}}
}

// inProcess calls a handler in place of a server behind a network.
type inProcess struct{ handler http.Handler }

// RoundTrip runs the handler in a goroutine of its own, which ends when the handler does: handlers here end
// when the caller's context does.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	request := serverSide(ctx, r)
	recorded := &recorder{header: http.Header{}}
	done := make(chan error, 1)
	go func() {
		defer request.Body.Close()
		done <- serve(t.handler, recorded, request)
	}()
	select {
	case err := <-done:
		cancel()
		if err != nil {
			return nil, err
		}
		return recorded.response(r), nil
	case <-ctx.Done():
		cancel()
		_ = request.Body.Close() // frees the handler if it still reads
		return nil, context.Cause(r.Context())
	}
}

// serverSide is the request as the handler of a server would get it.
func serverSide(ctx context.Context, r *http.Request) *http.Request {
	request := r.Clone(ctx)
	request.RequestURI = r.URL.RequestURI()
	request.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if request.Host == "" {
		request.Host = r.URL.Host
	}
	request.RemoteAddr = "127.0.0.1:0"
	if request.Body == nil {
		request.Body = http.NoBody
	}
	return request
}

// serve runs the handler; one that aborts has broken the connection.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch problem := recover(); problem {
		case nil:
		case http.ErrAbortHandler:
			err = io.ErrUnexpectedEOF
		default:
			panic(problem)
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// recorder collects an answer.
type recorder struct {
	header http.Header
	sent   http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response(request *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(r.status), StatusCode: r.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.sent, Body: io.NopCloser(&r.body), ContentLength: int64(r.body.Len()), Request: request,
	}
}
