package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/simulator"
)

// site is a world with its page.
type site struct {
	*world
	page  http.Handler
	moved []time.Time
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{world: newWorld(t)}
	s.page = s.Page(simulator.PageConfig{
		Title:      "Demo",
		Phones:     []simulator.Phone{{Person: 11, Title: "Receptionist", Subtitle: "Clinic A"}, {Person: 12, Title: "Owner"}},
		ClockMoved: func(now time.Time) { s.moved = append(s.moved, now) },
	})
	s.AddPerson(simulator.Person{ID: 13, FirstName: "Hidden", Phone: "+20 100 555"})
	return s
}

// do makes a request of the page itself. change may alter it.
func (s *site) do(method, path, kind, body string, change ...func(*http.Request)) *http.Response {
	s.t.Helper()
	request := httptest.NewRequest(method, "http://demo.example"+path, strings.NewReader(body))
	request.Header.Set("Origin", "http://demo.example")
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	for _, f := range change {
		f(request)
	}
	recorder := httptest.NewRecorder()
	s.page.ServeHTTP(recorder, request)
	return recorder.Result()
}

// post sends JSON and returns the status and the reason of a refusal.
func (s *site) post(path, body string, change ...func(*http.Request)) (status int, reason string) {
	s.t.Helper()
	response := s.do("POST", path, "application/json", body, change...)
	var refusal struct {
		Error string `json:"error"`
	}
	if err := json.NewDecoder(response.Body).Decode(&refusal); err != nil {
		s.t.Fatalf("POST %s: %v", path, err)
	}
	return response.StatusCode, refusal.Error
}

func (s *site) must(path, body string) {
	s.t.Helper()
	if status, reason := s.post(path, body); status != http.StatusOK {
		s.t.Fatalf("POST %s %s: %d %s", path, body, status, reason)
	}
}

func (s *site) get(path string, into any) {
	s.t.Helper()
	response := s.do("GET", path, "", "")
	if response.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: %s", path, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
}

// file posts a multipart form with one file.
func (s *site) file(path, field, name string, data []byte) int {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		s.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.do("POST", path, form.FormDataContentType(), body.String()).StatusCode
}

func last(p *simulator.Person) simulator.Message {
	chat := p.Chat()
	if len(chat) == 0 {
		return simulator.Message{}
	}
	return chat[len(chat)-1]
}

func TestPagePhones(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var phones []map[string]any
	s.get("/sim/phones", &phones)
	want := []map[string]any{
		{"id": 11., "name": "Amina", "title": "Receptionist", "subtitle": "Clinic A", "language": "ar", "dir": "rtl", "avatar": "A", "color": 4.},
		{"id": 12., "name": "Omar Said", "title": "Owner", "subtitle": "", "language": "en", "dir": "ltr", "avatar": "OS", "color": 5.},
	}
	if diff := cmp.Diff(want, phones); diff != "" {
		t.Errorf("phones (-want +got):\n%s", diff)
	}
	var about struct {
		Title, Zone string
		Bot         struct{ Name, Username string }
	}
	s.get("/sim/page", &about)
	if about.Title != "Demo" || about.Zone != "UTC" || about.Bot.Username != s.BotUsername() {
		t.Errorf("page: %+v", about)
	}
	everybody := s.Page(simulator.PageConfig{})
	recorder := httptest.NewRecorder()
	everybody.ServeHTTP(recorder, httptest.NewRequest("GET", "/sim/phones", nil))
	if got := strings.Count(recorder.Body.String(), `"id"`); got != 3 {
		t.Errorf("a page without a list shows %d phones, want everybody: 3", got)
	}
}

// chatJSON is the part of a chat that tests look at.
type chatJSON struct {
	Messages []struct {
		ID             int
		From           string
		Kind           string
		Text, HTML     string
		RTL            bool
		Edited         bool
		InlineKeyboard [][]struct {
			Text, Data, URL string
			Pending         bool
		} `json:"inline_keyboard"`
		Photo *struct {
			FileID string `json:"file_id"`
			Width  int
		}
		Document *struct {
			FileID string `json:"file_id"`
			Name   string
			Size   int
		}
		Contact *struct{ Name, Phone string }
	}
	Commands      []simulator.Command
	ReplyKeyboard *struct {
		Rows [][]struct {
			Text           string
			RequestContact bool `json:"request_contact"`
		}
		OneTime bool `json:"one_time"`
	} `json:"reply_keyboard"`
	Started, Blocked bool
}

func (s *site) chat(person int64) chatJSON {
	s.t.Helper()
	var chat chatJSON
	s.get("/sim/phones/"+strconv.FormatInt(person, 10)+"/chat", &chat)
	return chat
}

func TestPageChat(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if chat := s.chat(12); chat.Started || chat.Messages == nil || len(chat.Messages) > 0 || chat.Commands == nil {
		t.Errorf("the chat of somebody who has not started: %+v", chat)
	}
	s.ok("setMyCommands", args{"commands": `[{"command":"help","description":"Help"}]`})
	s.send("<b>أحمد</b> &lt;", args{
		"parse_mode": "HTML", "reply_markup": `{"inline_keyboard":[[{"text":"Go","callback_data":"go"},{"text":"Site","url":"https://a.example/"}]]}`,
	})
	s.send("Your number?", args{"reply_markup": `{"keyboard":[[{"text":"Share","request_contact":true}]],"one_time_keyboard":true}`})
	chat := s.chat(11)
	if !chat.Started || len(chat.Commands) != 1 || chat.ReplyKeyboard == nil || !chat.ReplyKeyboard.OneTime || !chat.ReplyKeyboard.Rows[0][0].RequestContact {
		t.Errorf("chat: %+v", chat)
	}
	message := chat.Messages[1]
	if message.From != "bot" || message.HTML != "<b>أحمد</b> &lt;" || !message.RTL || message.InlineKeyboard[0][0].Data != "go" || message.InlineKeyboard[0][1].URL == "" {
		t.Errorf("message: %+v", message)
	}
}

func TestPageActions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must("/sim/phones/11/send", `{"text":"Hello <b>"}`)
	own := last(s.amina)
	if own.Text != "Hello <b>" || own.FromBot {
		t.Errorf("sent: %+v", own)
	}
	s.must("/sim/phones/11/edit", `{"message_id":`+strconv.Itoa(own.ID)+`,"text":"Changed"}`)
	if got := last(s.amina); got.Text != "Changed" || got.Edited.IsZero() {
		t.Errorf("edited: %+v", got)
	}
	s.must("/sim/phones/11/delete", `{"message_id":`+strconv.Itoa(own.ID)+`}`)
	if _, ok := s.amina.Message(own.ID); ok {
		t.Error("a deleted message is still there")
	}
	s.must("/sim/phones/11/contact", `{"own":true}`)
	if got := last(s.amina).Contact; got == nil || got.UserID != 11 || got.Phone != "201001234567" {
		t.Errorf("own contact: %+v", got)
	}
	s.must("/sim/phones/11/contact", `{"first_name":"Abdel Rahman","last_name":"Ali","phone":"0100 1"}`)
	want := &simulator.Contact{FirstName: "Abdel Rahman", LastName: "Ali", Phone: "0100 1"}
	if diff := cmp.Diff(want, last(s.amina).Contact); diff != "" {
		t.Errorf("somebody's contact (-want +got):\n%s", diff)
	}
	s.must("/sim/phones/11/contact", `{"first_name":"H","phone":"20100-555"}`)
	if got := last(s.amina).Contact; got.UserID != 13 {
		t.Errorf("the contact of somebody with an account: %+v", got)
	}
	s.must("/sim/phones/11/sticker", `{"emoji":"🐶"}`)
	s.must("/sim/phones/11/voice", `{}`)
	kinds := []simulator.Kind{}
	for _, m := range s.amina.Chat()[4:] {
		kinds = append(kinds, m.Kind)
	}
	if !slices.Equal(kinds, []simulator.Kind{simulator.KindSticker, simulator.KindVoice}) {
		t.Errorf("kinds: %v", kinds)
	}
	s.must("/sim/phones/12/open", `{"payload":"abc"}`)
	if got := last(s.omar).Text; got != "/start abc" {
		t.Errorf("opened with %q", got)
	}
	s.must("/sim/phones/12/block", `{"blocked":true}`)
	if !s.omar.Blocked() || !s.chat(12).Blocked {
		t.Error("not blocked")
	}
	s.must("/sim/phones/12/block", `{"blocked":false}`)
	if s.omar.Blocked() {
		t.Error("still blocked")
	}
}

func TestPageButtons(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := strconv.Itoa(s.send("Go?", args{"reply_markup": `{"inline_keyboard":[[{"text":"Go","callback_data":"go"}]]}`}))
	s.must("/sim/phones/11/tap", `{"message_id":`+id+`,"data":"go"}`)
	if chat := s.chat(11); !chat.Messages[1].InlineKeyboard[0][0].Pending {
		t.Error("the button does not wait for its answer")
	}
	// The key has the text of the button above: it is the key that must be pressed.
	s.send("Key", args{"reply_markup": `{"keyboard":[[{"text":"Go"}]],"one_time_keyboard":true}`})
	s.must("/sim/phones/11/press", `{"text":"Go"}`)
	if got := last(s.amina); got.Text != "Go" || got.FromBot {
		t.Errorf("pressed: %+v", got)
	}
	if s.chat(11).ReplyKeyboard != nil {
		t.Error("a keyboard for one time is still there")
	}
	if status, reason := s.post("/sim/phones/11/press", `{"text":"Go"}`); status != http.StatusConflict || reason == "" {
		t.Errorf("pressing a key that is gone: %d %q", status, reason)
	}
	if status, _ := s.post("/sim/phones/11/tap", `{"message_id":999,"data":"go"}`); status != http.StatusConflict {
		t.Errorf("tapping under a message that is gone: %d", status)
	}
}

func TestPageFilesTravel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	picture := pngImage(t, 40, 30)
	if status := s.file("/sim/phones/11/photo", "file", "a.png", picture); status != http.StatusOK {
		t.Fatalf("photo: %d", status)
	}
	if status := s.file("/sim/phones/11/document", "file", `..\..//x.html`, []byte("<script>alert(1)</script>")); status != http.StatusOK {
		t.Fatalf("document: %d", status)
	}
	chat := s.chat(11)
	photo, document := chat.Messages[1].Photo, chat.Messages[2].Document
	if photo.Width != 40 || strings.Contains(document.Name, "/") {
		t.Errorf("photo %+v, document %+v", photo, document)
	}
	response := s.do("GET", "/sim/files/"+photo.FileID, "", "")
	if data, _ := io.ReadAll(response.Body); !bytes.Equal(data, picture) || response.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the photo came back as %s, %d bytes", response.Header.Get("Content-Type"), len(data))
	}
	response = s.do("GET", "/sim/files/"+document.FileID, "", "")
	if response.Header.Get("Content-Type") != "application/octet-stream" || response.Header.Get("Content-Disposition") != "attachment" ||
		!strings.Contains(response.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a page in a document would run here: %v", response.Header)
	}
	if got := s.do("GET", "/sim/files/none", "", "").StatusCode; got != http.StatusNotFound {
		t.Errorf("no such file: %d", got)
	}
	for name, test := range map[string]struct {
		path, field string
		data        []byte
		want        int
	}{
		"not an image":   {"photo", "file", []byte("text"), http.StatusUnsupportedMediaType},
		"too large":      {"photo", "file", make([]byte, 11<<20), http.StatusRequestEntityTooLarge},
		"empty":          {"document", "file", nil, http.StatusBadRequest},
		"another field":  {"document", "other", []byte("x"), http.StatusBadRequest},
		"no such phone":  {"../99/photo", "file", picture, http.StatusNotFound},
		"hidden persons": {"../13/photo", "file", picture, http.StatusNotFound},
	} {
		path := "/sim/phones/11/" + test.path
		if rest, ok := strings.CutPrefix(test.path, "../"); ok {
			path = "/sim/phones/" + rest
		}
		if got := s.file(path, test.field, "x", test.data); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
