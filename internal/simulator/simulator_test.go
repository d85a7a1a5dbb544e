package simulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/clock"
	"vetalyze/internal/simulator"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// world is a simulator with two people, of whom Amina has pressed START and Omar has not.
type world struct {
	*simulator.Simulator
	t     *testing.T
	clock *clock.Clock
	amina *simulator.Person
	omar  *simulator.Person
}

func newWorld(t *testing.T, change ...func(*simulator.Config)) *world {
	t.Helper()
	c := clock.At(start)
	cfg := simulator.Config{Clock: c, Limits: simulator.Limits{Off: true}}
	for _, f := range change {
		f(&cfg)
	}
	sim := simulator.New(cfg)
	t.Cleanup(sim.Close)
	w := &world{Simulator: sim, t: t, clock: c}
	w.amina = sim.AddPerson(simulator.Person{ID: 11, FirstName: "Amina", LanguageCode: "ar", Phone: "201001234567"})
	w.omar = sim.AddPerson(simulator.Person{ID: 12, FirstName: "Omar", LastName: "Said", LanguageCode: "en"})
	w.amina.Start("")
	w.confirmAll()
	return w
}

// confirmAll takes every update out of the queue.
func (w *world) confirmAll() {
	w.t.Helper()
	w.ok("getUpdates", args{"offset": "-1"})
	var updates []struct {
		ID int `json:"update_id"`
	}
	decode(w.t, w.ok("getUpdates", args{"offset": "0"}), &updates)
	if len(updates) > 0 {
		w.ok("getUpdates", args{"offset": strconv.Itoa(updates[0].ID + 1)})
	}
}

type args map[string]string

// answer is the envelope of the Bot API.
type answer struct {
	Status      int `json:"-"`
	Header      http.Header
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

func (w *world) call(method string, a args) answer {
	w.t.Helper()
	form := url.Values{}
	for name, value := range a {
		form.Set(name, value)
	}
	response, err := w.Client().PostForm("http://telegram/bot"+w.Token()+"/"+method, form)
	if err != nil {
		w.t.Fatalf("%s: %v", method, err)
	}
	return readAnswer(w.t, response)
}

func readAnswer(t *testing.T, response *http.Response) answer {
	t.Helper()
	defer response.Body.Close()
	var a answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		t.Fatalf("answer: %v", err)
	}
	a.Status, a.Header = response.StatusCode, response.Header
	if !a.OK && a.Status != a.ErrorCode {
		t.Errorf("HTTP status %d, error_code %d", a.Status, a.ErrorCode)
	}
	return a
}

func (w *world) ok(method string, a args) json.RawMessage {
	w.t.Helper()
	got := w.call(method, a)
	if !got.OK {
		w.t.Fatalf("%s %v: %s", method, a, got.Description)
	}
	return got.Result
}

func decode(t *testing.T, raw json.RawMessage, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
}

// sendMessage sends a text to Amina and returns its id.
func (w *world) send(text string, a args) int {
	w.t.Helper()
	all := args{"chat_id": "11", "text": text}
	for name, value := range a {
		all[name] = value
	}
	var m struct {
		ID int `json:"message_id"`
	}
	decode(w.t, w.ok("sendMessage", all), &m)
	return m.ID
}

func pngImage(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload calls a method with one file in a multipart form.
func (w *world) upload(method string, a args, field, name string, data []byte) answer {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range a {
		if err := form.WriteField(key, value); err != nil {
			w.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = form.Close()
	response, err := w.Client().Post("http://telegram/bot"+w.Token()+"/"+method, form.FormDataContentType(), &body)
	if err != nil {
		w.t.Fatal(err)
	}
	return readAnswer(w.t, response)
}

// texts are the texts on a person's screen.
func texts(p *simulator.Person) []string {
	var all []string
	for _, m := range p.Chat() {
		who := "she: "
		if m.FromBot {
			who = "bot: "
		}
		all = append(all, who+m.Text)
	}
	return all
}

// TestRealClient runs the bot library that the project uses against the simulator, in process and over HTTP.
func TestRealClient(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"in process", "over HTTP"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.omar.SendPhoto(pngImage(t, 400, 300))
			server, client := "http://telegram", w.Client()
			if way == "over HTTP" {
				s := httptest.NewServer(w.Handler())
				t.Cleanup(s.Close)
				server, client = s.URL, s.Client()
			}
			ctx, stop := context.WithCancel(t.Context())
			b, err := bot.New(w.Token(), bot.WithServerURL(server), bot.WithHTTPClient(10*time.Second, client),
				bot.WithDefaultHandler(echo(t)), bot.WithNotAsyncHandlers(),
				bot.WithAllowedUpdates(bot.AllowedUpdates{"message", "callback_query"}))
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { defer close(ended); b.Start(ctx) }()
			t.Cleanup(func() { stop(); <-ended })

			w.amina.Send("hello <b>&")
			waitFor(t, w, func() bool { m, _ := w.amina.Last(); return m.Text == "You said hello <b>&" })
			if err := w.amina.Tap("Again"); err != nil {
				t.Fatal(err)
			}
			waitFor(t, w, func() bool { return len(w.amina.Toasts()) == 1 })
			waitFor(t, w, func() bool { m, _ := w.amina.Last(); return m.Text == "Edited" })
			if err := w.Settled(ctx); err != nil {
				t.Fatal(err)
			}
			want := []string{"she: /start", "she: hello <b>&", "bot: Edited"}
			if diff := cmp.Diff(want, texts(w.amina)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]simulator.Toast{{Text: "Done"}}, w.amina.Toasts()); diff != "" {
				t.Error(diff)
			}
			for _, call := range w.Calls() {
				if len(call.Unknown) > 0 {
					t.Errorf("%s with unknown arguments %v", call.Method, call.Unknown)
				}
			}
		})
	}
}

// waitFor waits until a condition holds on a screen.
func waitFor(t *testing.T, w *world, holds func() bool) {
	t.Helper()
	over := time.After(10 * time.Second)
	for {
		_, _, _, changed := w.Events(0)
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-over:
			t.Fatalf("it never came; Amina sees %q", texts(w.amina))
		}
	}
}

func echo(t *testing.T) bot.HandlerFunc {
	return func(ctx context.Context, b *bot.Bot, u *models.Update) {
		if u.Message != nil && u.Message.Photo != nil {
			return
		}
		if u.Message != nil {
			_, err := b.SendMessage(ctx, &bot.SendMessageParams{
				ChatID: u.Message.Chat.ID, ParseMode: models.ParseModeHTML,
				Text: "<b>You</b> said " + strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(u.Message.Text),
				ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
					{{Text: "Again", CallbackData: "again"}},
				}},
			})
			if err != nil {
				t.Errorf("send: %v", err)
			}
			return
		}
		q := u.CallbackQuery
		_, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: q.ID, Text: "Done"})
		if err != nil {
			t.Errorf("answer: %v", err)
		}
		_, err = b.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: q.From.ID, MessageID: q.Message.Message.ID, Text: "Edited",
		})
		if err != nil && ctx.Err() == nil { // the test may have seen the edit and gone
			t.Errorf("edit: %v", err)
		}
	}
}

func TestClientHonoursCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	body := "timeout=50"
	request, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://telegram/bot"+w.Token()+"/getUpdates",
		strings.NewReader(body))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ended := make(chan error, 1)
	go func() {
		_, err := w.Client().Do(request)
		ended <- err
	}()
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("got %v, want context canceled", err)
	}
}

func TestArgumentsEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "http://telegram/bot" + w.Token() + "/sendMessage"
	post := func(address, contentType, body string) answer {
		t.Helper()
		response, err := w.Client().Post(address, contentType, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		return readAnswer(t, response)
	}
	tests := map[string]answer{
		"query":     post(at+"?chat_id=11&text=query", "", ""),
		"form":      post(at, "application/x-www-form-urlencoded", "chat_id=11&text=form"),
		"json":      post(at, "application/json", `{"chat_id":11,"text":"json","reply_markup":{"remove_keyboard":true},"parse_mode":null}`),
		"multipart": w.upload("SENDMESSAGE", args{"chat_id": "11", "text": "multipart"}, "unused", "u.txt", []byte("x")),
	}
	for name, got := range tests {
		if !got.OK {
			t.Errorf("%s: %s", name, got.Description)
		}
	}
	empty := post("http://telegram/bot"+w.Token()+"/getMe", "multipart/form-data; boundary=abc", "")
	if !empty.OK {
		t.Errorf("getMe with an empty multipart body: %s", empty.Description)
	}
	closing := post("http://telegram/bot"+w.Token()+"/GetMe", "multipart/form-data; boundary=abc", "--abc--\r\n")
	if !closing.OK {
		t.Errorf("getMe with nothing but the closing boundary: %s", closing.Description)
	}
}

func TestFilesTravel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	picture := pngImage(t, 1000, 500)
	sent := w.upload("sendPhoto", args{"chat_id": "11", "caption": "<i>Rex</i>", "parse_mode": "HTML"}, "photo", "rex.png", picture)
	var m struct {
		Photo []struct {
			FileID string `json:"file_id"`
			Width  int
			Height int
		}
		Caption  string
		Entities []simulator.Entity `json:"caption_entities"`
	}
	decode(t, sent.Result, &m)
	if len(m.Photo) != 4 || m.Photo[3].Width != 1000 || m.Photo[0].Width != 90 || m.Caption != "Rex" {
		t.Fatalf("sent %+v", m)
	}
	w.ok("sendPhoto", args{"chat_id": "11", "photo": m.Photo[1].FileID})

	w.amina.SendDocument("list.csv", []byte("a,b"))
	last := w.amina.Chat()[len(w.amina.Chat())-1]
	var f struct {
		Path string `json:"file_path"`
		Size int    `json:"file_size"`
	}
	decode(t, w.ok("getFile", args{"file_id": last.Document.FileID}), &f)
	response, err := w.Client().Get("http://telegram/file/bot" + w.Token() + "/" + f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, _ := io.ReadAll(response.Body); string(got) != "a,b" || f.Size != 3 || !strings.HasSuffix(f.Path, ".csv") {
		t.Errorf("downloaded %q of %+v", got, f)
	}
	w.ok("editMessageMedia", args{
		"chat_id": "11", "message_id": strconv.Itoa(last.ID - 1),
		"media": fmt.Sprintf(`{"type":"document","media":%q,"caption":"now a file"}`, last.Document.FileID),
	})
	if got, _ := w.amina.Message(last.ID - 1); got.Kind != simulator.KindDocument || got.Text != "now a file" {
		t.Errorf("edited media: %+v", got)
	}
}
