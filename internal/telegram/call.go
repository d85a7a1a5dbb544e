package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// A call is one Bot API call, kept whole so that it can be made again.
type call struct {
	method   string // as the Bot API spells it
	url      string // holds the token: never to be logged
	header   http.Header
	body     []byte
	written  *bytes.Buffer // what holds the body, if it was written by us
	timeout  time.Duration // of one attempt
	attempts int           // so far

	counted    bool   // Telegram counts it as a message
	repeatable bool   // making it twice does no harm
	chat       string // chat_id, of a counted call
	message    int    // message_id, of an edit
}

// callTimeout is generous: near its limits Telegram holds a request back, and one that we
// give up is often carried out all the same. Uploads get a second more for every 64 KiB.
const callTimeout = 20 * time.Second

// readCall takes a request of go-telegram/bot apart. Its body is a pipe that can be read only once.
func readCall(req *http.Request) (*call, error) {
	c := &call{
		method: path.Base(req.URL.Path),
		url:    req.URL.String(),
		header: req.Header,
	}
	if req.Body != nil {
		defer req.Body.Close()
		body, err := readAll(req.Body, usualBody)
		if err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
		c.body = body.Bytes()
	}
	c.timeout = callTimeout + time.Duration(len(c.body)/(64<<10))*time.Second
	c.counted, c.repeatable = countedMethod(c.method), repeatableMethod(c.method)
	if c.counted {
		c.readTarget()
	}
	return c, nil
}

// usualBody is enough for a call of the library's that brings no file.
const usualBody = 2 << 10

// readAll is io.ReadAll with an idea of how much there is, in bytes: growing to it step by step copies five times as much.
// Whoever is done with what was read may say so (forget).
func readAll(r io.Reader, about int64) (*bytes.Buffer, error) {
	all := emptyBody()
	all.Grow(int(min(max(about, 0), 1<<20)) + bytes.MinRead)
	_, err := all.ReadFrom(r)
	return all, err
}

// bodies are buffers nobody looks into any more.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func emptyBody() *bytes.Buffer {
	body := bodies.Get().(*bytes.Buffer)
	body.Reset()
	return body
}

// bodyKept is how large a buffer may be, in bytes, to wait for the next body.
const bodyKept = 32 << 10

// forget lets another body take the place of one.
func forget(body *bytes.Buffer) {
	if body.Cap() <= bodyKept {
		bodies.Put(body)
	}
}

// jsonHeader is that of every call whose arguments are JSON. Nobody may change it; of what sends requests only cookies would.
var jsonHeader = http.Header{"Content-Type": {"application/json"}}

// writeJSON gives the call its address and its arguments: a struct or map whose JSON has the Bot API's names.
func (c *call) writeJSON(base string, arguments any) error {
	c.written = emptyBody()
	encoder := json.NewEncoder(c.written)
	encoder.SetEscapeHTML(false) // which would make six bytes of each < and > of a text
	if err := encoder.Encode(arguments); err != nil {
		return err
	}
	c.url, c.header, c.body = base+c.method, jsonHeader, c.written.Bytes()
	return nil
}

// readTarget finds out which chat and message the form is about. They stand before the text.
func (c *call) readTarget() {
	_, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || len(c.body) == 0 {
		return
	}
	edits := strings.HasPrefix(c.method, "edit")
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for c.chat == "" || edits && c.message == 0 {
		part, err := form.NextRawPart()
		if err != nil {
			return
		}
		switch part.FormName() {
		case "chat_id":
			c.chat = readField(part)
		case "message_id":
			c.message, _ = strconv.Atoi(readField(part))
		}
	}
}

func readField(r io.Reader) string {
	value, err := io.ReadAll(io.LimitReader(r, 64))
	if err != nil {
		return ""
	}
	return string(value)
}

// countedMethod: what shows a message, or shows it anew.
func countedMethod(method string) bool {
	return hasAnyPrefix(method, "send", "copy", "forward", "editMessage") && method != "sendChatAction"
}

// repeatableMethod: what asks, or brings about a state. A second message is not the first one again.
func repeatableMethod(method string) bool {
	return hasAnyPrefix(method, "get", "edit", "delete", "set", "answer", "pin", "unpin") || method == "sendChatAction"
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// An answer is Telegram's, whether it grants or refuses.
type answer struct {
	envelope
	status int
	header http.Header
	body   *bytes.Buffer
}

func (a *answer) response(req *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(a.body), ContentLength: int64(a.body.Len()),
		Request: req,
	}
}

// notModified is the answer to an edit that changes nothing: what was wanted is there already.
func notModified(c *call) *answer {
	chat, _ := strconv.ParseInt(c.chat, 10, 64)
	return &answer{
		envelope: envelope{OK: true}, status: http.StatusOK, header: http.Header{},
		body: bytes.NewBuffer(fmt.Appendf(nil, `{"ok":true,"result":{"message_id":%d,"chat":{"id":%d}}}`, c.message, chat)),
	}
}

// A caller makes each call within the limits, and again where that does no harm. It is the
// HTTP client go-telegram/bot is given.
type caller struct {
	http    *http.Client
	token   string
	limiter *limiter
	metrics *Metrics
	pulse   pulse
}

// How often and how long a call is tried. patience bounds all waiting of one call: when
// Telegram asks for more, the caller is told at once.
const (
	patience     = 40 * time.Second
	attemptsMost = 5
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 5 * time.Second
)

func newCaller(config ClientConfig) *caller {
	client := &http.Client{Transport: defaultTransport()}
	if config.HTTP != nil {
		copied := *config.HTTP
		client = &copied
	}
	client.Timeout, client.Jar = 0, nil
	// The Bot API never redirects; following one could carry the token elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &caller{
		http:    client,
		token:   config.Token,
		limiter: newLimiter(config),
		metrics: config.Metrics,
	}
}

// defaultTransport keeps as many connections to the one server as handlers may use at once.
func defaultTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}

// Do makes a call of go-telegram/bot.
func (c *caller) Do(req *http.Request) (*http.Response, error) {
	call, err := readCall(req)
	if err != nil {
		return nil, err
	}
	answer, err := c.perform(req.Context(), call)
	if err != nil {
		return nil, err
	}
	return answer.response(req), nil
}

// perform makes the call until there is a verdict, or waiting on makes no sense.
func (c *caller) perform(ctx context.Context, call *call) (*answer, error) {
	until := time.Now().Add(patience)
	for {
		if call.counted && (call.attempts > 0 || !hasTurn(ctx)) {
			if err := c.limiter.wait(ctx, call.chat, until); err != nil {
				return nil, err
			}
		}
		answer, err := c.attempt(ctx, call)
		pause, again := c.again(call, answer, err)
		if !again || !enough(ctx, until, pause) || sleep(ctx, pause) != nil {
			return answer, err
		}
	}
}

// attempt makes the call once, and notes what came of it.
func (c *caller) attempt(ctx context.Context, call *call) (*answer, error) {
	started := time.Now()
	call.attempts++
	answer, err := c.exchange(ctx, call)
	outcome := Classify(err)
	if err == nil {
		outcome = Classify(answer.err())
	}
	if !errors.Is(ctx.Err(), context.Canceled) { // what we ended ourselves says nothing about Telegram
		c.metrics.called(call.method, outcome, time.Since(started))
		c.pulse.note(outcome, err)
	}
	if outcome == NotModified {
		return notModified(call), nil
	}
	return answer, err
}

// again decides whether, and after which pause, the call is made once more.
//
// A refusal (429) was surely not carried out, and neither was a call without a connection,
// nor one that a gateway turned away with 503. Everything else may have been: then only what
// is repeatable is repeated. A message whose fate is unknown is the caller's to decide on.
func (c *caller) again(call *call, a *answer, err error) (time.Duration, bool) {
	if err == nil {
		if a.Code != http.StatusTooManyRequests {
			return 0, false
		}
		pause := max(time.Duration(a.Parameters.RetryAfter)*time.Second, time.Second)
		if call.counted {
			c.limiter.pause(call.chat, pause)
		}
		return pause, true
	}
	var unanswered *CallError
	if !errors.As(err, &unanswered) || unanswered.final() || call.attempts >= attemptsMost {
		return 0, false
	}
	return backoff(call.attempts, backoffFirst, backoffMost), call.repeatable || !unanswered.Unsure
}

// exchange sends the request once and reads the answer. Without Telegram's verdict it
// returns a *CallError, or the context's error when the context ended. No error shows the token.
func (c *caller) exchange(ctx context.Context, call *call) (*answer, error) {
	attemptCtx, cancel := context.WithTimeout(ctx, call.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(attemptCtx, http.MethodPost, call.url, bytes.NewReader(call.body))
	if err != nil {
		return nil, c.clean(err)
	}
	req.Header = call.header
	resp, err := c.http.Do(req)
	if err == nil {
		defer resp.Body.Close()
		var body *bytes.Buffer
		if body, err = readAll(resp.Body, resp.ContentLength); err == nil {
			return readAnswer(resp, body)
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, &CallError{Err: c.clean(err), Unsure: !neverConnected(err)}
}

func readAnswer(resp *http.Response, body *bytes.Buffer) (*answer, error) {
	a := &answer{status: resp.StatusCode, header: resp.Header, body: body}
	err := a.read()
	code := max(a.Code, resp.StatusCode)
	if err == nil && code < http.StatusInternalServerError && (a.OK || a.Code != 0) {
		return a, nil
	}
	return nil, &CallError{
		Status: code, Description: a.Description,
		Unsure: code >= http.StatusInternalServerError && code != http.StatusServiceUnavailable,
	}
}

// read reads the envelope. What is granted says no more than that, and its result, which is nearly all of the answer, is
// looked through only once.
func (a *answer) read() error {
	if body := a.body.Bytes(); gjson.ValidBytes(body) && gjson.GetBytes(body, "ok").Type == gjson.True {
		a.OK = true
		return nil
	}
	return json.Unmarshal(a.body.Bytes(), &a.envelope)
}

// neverConnected tells whether a request surely went nowhere.
func neverConnected(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}

// clean takes what shows the token out of a transport's error.
func (c *caller) clean(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	if text := err.Error(); strings.Contains(text, c.token) {
		return errors.New(strings.ReplaceAll(text, c.token, "<token>"))
	}
	return err
}

// backoff returns the pause after the n-th attempt: doubling from first up to most, less up
// to a quarter at random so that callers do not come back all at once.
func backoff(n int, first, most time.Duration) time.Duration {
	pause := most
	if n < 16 && first<<(n-1) < most {
		pause = first << (n - 1)
	}
	return pause - rand.N(pause/4+1)
}

// enough tells whether a pause ends before until and before the context does.
func enough(ctx context.Context, until time.Time, pause time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	return time.Now().Add(pause).Before(until)
}

// sleep waits for d, or for the end of ctx, whose error it then returns.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
