package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"
	"github.com/tidwall/gjson"
)

const testToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// api is a Bot API small enough for synctest: a queue of updates as getUpdates has it, and for
// every other method the reply a test wants.
type api struct {
	reply func(method string, arguments map[string]string) (*http.Response, error) // nil: granted

	mu    sync.Mutex
	queue []queued
	more  chan struct{} // closed, and made anew, when the queue grows
	polls []poll
	calls []sent
}

type queued struct {
	id  int64
	raw json.RawMessage
}

type poll struct {
	Offset  int64
	Limit   int
	Timeout int
	at      time.Time
}

type sent struct {
	method, chat string
	at           time.Time
}

func newAPI() *api { return &api{more: make(chan struct{})} }

// message queues a message in a chat, whose text is the update's id.
func (a *api) message(id, chat int64) {
	a.raw(id, fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":%d,"type":"private"},"text":"%d"}}`, id, chat, id))
}

func (a *api) raw(id int64, raw string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queue = append(a.queue, queued{id, json.RawMessage(raw)})
	close(a.more)
	a.more = make(chan struct{})
}

// waiting returns the updates Telegram still keeps.
func (a *api) waiting() []int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []int64
	for _, q := range a.queue {
		ids = append(ids, q.id)
	}
	return ids
}

func (a *api) pollsSoFar() []poll {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.polls)
}

func (a *api) sentSoFar(method string) []sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.calls), func(s sent) bool { return s.method != method })
}

// line is one process's connection to the api; once cut, its process might as well be dead.
type line struct {
	*api
	once sync.Once
	dead chan struct{}
}

func (a *api) line() *line     { return &line{api: a, dead: make(chan struct{})} }
func (l *line) kill()          { l.once.Do(func() { close(l.dead) }) }
func (l *line) isKilled() bool { return isClosed(l.dead) }

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.isKilled() {
		return nil, io.ErrUnexpectedEOF
	}
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-l.dead:
			cancel()
		case <-stop:
		}
	}()
	return l.api.RoundTrip(req.WithContext(ctx))
}

func (a *api) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if int64(len(body)) != req.ContentLength {
		return nil, fmt.Errorf("content length %d of %d bytes", req.ContentLength, len(body))
	}
	method := path.Base(req.URL.Path)
	arguments := readArguments(req.Header.Get("Content-Type"), body)
	a.mu.Lock()
	a.calls = append(a.calls, sent{method, arguments["chat_id"], time.Now()})
	a.mu.Unlock()
	if a.reply != nil {
		if resp, err := a.reply(method, arguments); resp != nil || err != nil {
			return resp, err
		}
	}
	switch method {
	case "getMe":
		return granted(`{"id":110201543,"is_bot":true,"first_name":"Clinic","username":"clinic_bot"}`), nil
	case "getUpdates":
		return a.getUpdates(req.Context(), body)
	case "setWebhook", "deleteWebhook", "answerCallbackQuery", "sendChatAction":
		return granted(`true`), nil
	}
	return granted(`{"message_id":7,"date":1,"chat":{"id":1,"type":"private"}}`), nil
}

func (a *api) getUpdates(ctx context.Context, body []byte) (*http.Response, error) {
	p := poll{at: time.Now()}
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.polls = append(a.polls, p)
	a.mu.Unlock()
	patience := time.After(time.Duration(p.Timeout) * time.Second)
	for {
		a.mu.Lock()
		if i := slices.IndexFunc(a.queue, func(q queued) bool { return q.id >= p.Offset }); i >= 0 {
			a.queue = a.queue[i:]
		} else if p.Offset > 0 {
			a.queue = nil
		}
		batch := make([]json.RawMessage, 0, p.Limit)
		for _, q := range a.queue[:min(len(a.queue), p.Limit)] {
			batch = append(batch, q.raw)
		}
		more := a.more
		a.mu.Unlock()
		if len(batch) > 0 || p.Timeout == 0 {
			list := make([]string, len(batch))
			for i, raw := range batch {
				list[i] = string(raw)
			}
			return granted("[" + strings.Join(list, ",") + "]"), nil
		}
		select {
		case <-more:
		case <-patience:
			p.Timeout = 0
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// readArguments reads a multipart form, or JSON.
func readArguments(contentType string, body []byte) map[string]string {
	arguments := map[string]string{}
	if contentType == "application/json" {
		gjson.ParseBytes(body).ForEach(func(name, value gjson.Result) bool {
			arguments[name.Str] = value.String()
			return true
		})
		return arguments
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return arguments
	}
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := r.NextPart()
		if err != nil {
			return arguments
		}
		value, _ := io.ReadAll(part)
		arguments[part.FormName()] = string(value)
	}
}

func respond(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

func granted(result string) *http.Response {
	return respond(http.StatusOK, "application/json", `{"ok":true,"result":`+result+`}`)
}

func refused(code int, description string) *http.Response {
	return respond(code, "application/json", fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, code, description))
}

func tooManyFor(seconds int) *http.Response {
	return respond(http.StatusTooManyRequests, "application/json", fmt.Sprintf(
		`{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %[1]d","parameters":{"retry_after":%[1]d}}`, seconds))
}

// quiet drops the log of tests that provoke failures.
var quiet = slog.New(slog.DiscardHandler)

func newTestClient(t *testing.T, transport http.RoundTripper, edit func(*ClientConfig)) *Client {
	t.Helper()
	config := ClientConfig{Token: testToken, HTTP: &http.Client{Transport: transport}, Logger: quiet}
	if edit != nil {
		edit(&config)
	}
	client, err := NewClient(t.Context(), config)
	if err != nil {
		t.Fatalf("new client: %v", err)
	}
	return client
}

func newTestIntake(t *testing.T, transport http.RoundTripper, config IntakeConfig) *Intake {
	t.Helper()
	config.Client = newTestClient(t, transport, nil)
	config.Logger = quiet
	in := NewIntake(config)
	t.Cleanup(in.abort)
	in.turns.remote.timeout = patientRemote
	return in
}

// patientRemote keeps a busy machine from looking like a Redis that is down.
const patientRemote = time.Minute

func newTestRemote(client redis.UniversalClient) *remote {
	r := newRemote(client, botID(testToken), quiet)
	r.timeout = patientRemote
	return r
}

// running polls until stopped; stop returns Poll's error.
func running(t *testing.T, in *Intake) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Poll(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// journal is what a handler did, in order.
type journal struct {
	mu  sync.Mutex
	ids []int64
}

func (j *journal) add(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ids = append(j.ids, id)
}

func (j *journal) all() []int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.ids)
}

func messageIn(id, chat int64) *models.Update {
	return &models.Update{ID: id, Message: &models.Message{
		Date: 1, Chat: models.Chat{ID: chat, Type: models.ChatTypePrivate}, Text: strconv.FormatInt(id, 10),
	}}
}

func redisAt(t *testing.T, addr string) redis.UniversalClient {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return client
}
