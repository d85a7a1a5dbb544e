package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	maxPageBody = 64 << 10 // of a JSON body: a text of 4096 characters, escaped, and room to spare
	maxClock    = 400 * 24 * time.Hour
)

func (p *page) send(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		Text string `json:"text"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if person.Send(in.Text) == 0 {
		refuse(w, http.StatusBadRequest, "an empty message is not sent")
		return
	}
	done(w)
}

// press presses a key of the bot's keyboard.
func (p *page) press(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		Text string `json:"text"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	doneOr(w, person.pressKey(in.Text))
}

// pressKey is Tap for the keyboard under the input field only: a button under a message may have the same text.
func (p *Person) pressKey(text string) error {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	keyboard := p.chat.shownKeyboard()
	if keyboard == nil {
		return errors.New("the keyboard is gone")
	}
	for _, row := range keyboard.Rows {
		if i := slices.IndexFunc(row, func(b ReplyButton) bool { return b.Text == text }); i >= 0 {
			return p.sim.pressReply(p.chat, row[i])
		}
	}
	return fmt.Errorf("the keyboard has no key %q", text)
}

func (p *page) tap(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		MessageID int    `json:"message_id"`
		Data      string `json:"data"`
	}
	if readJSON(w, r, &in) {
		doneOr(w, person.TapData(in.MessageID, in.Data))
	}
}

func (p *page) edit(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		MessageID int    `json:"message_id"`
		Text      string `json:"text"`
	}
	if readJSON(w, r, &in) {
		doneOr(w, person.EditText(in.MessageID, in.Text))
	}
}

func (p *page) delete(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		MessageID int `json:"message_id"`
	}
	if readJSON(w, r, &in) {
		doneOr(w, person.Delete(in.MessageID))
	}
}

func (p *page) contact(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		Own       bool   `json:"own"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Phone     string `json:"phone"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Own {
		person.ShareContact()
		done(w)
		return
	}
	if strings.TrimSpace(in.FirstName) == "" || strings.TrimSpace(in.Phone) == "" {
		refuse(w, http.StatusBadRequest, "a contact has a first name and a phone number")
		return
	}
	person.say(&Message{Kind: KindContact, Contact: &Contact{
		FirstName: strings.TrimSpace(in.FirstName), LastName: strings.TrimSpace(in.LastName),
		Phone: strings.TrimSpace(in.Phone), UserID: p.sim.accountOf(in.Phone),
	}})
	done(w)
}

// accountOf is the Telegram account behind a phone number, which an app adds to a contact it sends; 0: none.
func (s *Simulator) accountOf(phone string) int64 {
	digits := func(number string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, number)
	}
	want := digits(phone)
	for _, person := range s.People() {
		if want != "" && digits(person.Phone) == want {
			return person.ID
		}
	}
	return 0
}

func (p *page) photo(w http.ResponseWriter, r *http.Request, person *Person) {
	_, data, ok := readUpload(w, r, maxPhoto)
	if !ok {
		return
	}
	if _, _, ok := imageSize(data); !ok {
		refuse(w, http.StatusUnsupportedMediaType, "this is not a PNG, JPEG or GIF image")
		return
	}
	person.SendPhoto(data)
	done(w)
}

func (p *page) document(w http.ResponseWriter, r *http.Request, person *Person) {
	name, data, ok := readUpload(w, r, maxDocument)
	if !ok {
		return
	}
	person.SendDocument(name, data)
	done(w)
}

func (p *page) sticker(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		Emoji string `json:"emoji"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Emoji == "" || len(in.Emoji) > 32 {
		refuse(w, http.StatusBadRequest, "a sticker stands for one emoji")
		return
	}
	person.SendSticker(in.Emoji)
	done(w)
}

func (p *page) voice(w http.ResponseWriter, r *http.Request, person *Person) {
	if readJSON(w, r, &struct{}{}) {
		person.SendVoice()
		done(w)
	}
}

func (p *page) block(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		Blocked bool `json:"blocked"`
	}
	if readJSON(w, r, &in) {
		person.setBlocked(in.Blocked)
		done(w)
	}
}

func (p *page) open(w http.ResponseWriter, r *http.Request, person *Person) {
	var in struct {
		Payload string `json:"payload"`
	}
	if readJSON(w, r, &in) {
		person.Start(in.Payload)
		done(w)
	}
}

func (p *page) clock(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, clockView{Now: p.sim.now()})
}

// moveClock moves the clock on, by a time, to a moment, or to the next thing to come. It never goes back: what has
// happened stays in the past.
func (p *page) moveClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AdvanceSeconds int64     `json:"advance_seconds"`
		Set            time.Time `json:"set"`
		Next           bool      `json:"next"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.Next {
		if p.cfg.Next == nil || in.AdvanceSeconds != 0 || !in.Set.IsZero() {
			refuse(w, http.StatusBadRequest, "there is no such way to move the clock")
			return
		}
		at, ok, err := p.cfg.Next.At(r.Context())
		if err != nil {
			refuse(w, http.StatusInternalServerError, "what comes next is not known")
			return
		}
		if !ok {
			refuse(w, http.StatusNotFound, "nothing is to come")
			return
		}
		in.Set = at
		if now := p.sim.cfg.Clock.Now(); !at.After(now) {
			in.Set = now.Add(time.Second) // it is due: time only has to pass
		}
	}
	by := time.Duration(0)
	switch {
	case in.Set.IsZero():
		by = time.Duration(min(max(in.AdvanceSeconds, 0), int64(maxClock/time.Second)+1)) * time.Second
	case in.AdvanceSeconds == 0:
		by = in.Set.Sub(p.sim.cfg.Clock.Now())
	}
	if by <= 0 || by > maxClock {
		refuse(w, http.StatusBadRequest, "the clock moves on only, by 400 days at most")
		return
	}
	p.sim.cfg.Clock.Advance(by)
	p.sim.Wake()
	now := p.sim.now()
	p.sim.mu.Lock()
	p.sim.emit(Event{Type: EventClock})
	p.sim.mu.Unlock()
	if p.cfg.ClockMoved != nil {
		p.cfg.ClockMoved(now)
	}
	answer(w, http.StatusOK, clockView{Now: now})
}

// readJSON reads a small JSON body; if it cannot, it has answered.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "send application/json")
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPageBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	return readable(w, err)
}

// readUpload reads the field "file" of a multipart body; if it cannot, it has answered.
func readUpload(w http.ResponseWriter, r *http.Request, limit int64) (name string, data []byte, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, limit+maxPageBody)
	parts, err := r.MultipartReader()
	if err != nil {
		refuse(w, http.StatusUnsupportedMediaType, "send multipart/form-data")
		return "", nil, false
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			refuse(w, http.StatusBadRequest, "no file was sent")
			return "", nil, false
		}
		if !readable(w, err) {
			return "", nil, false
		}
		if part.FormName() != "file" {
			continue
		}
		data, err := io.ReadAll(part)
		if !readable(w, err) {
			return "", nil, false
		}
		if len(data) == 0 {
			refuse(w, http.StatusBadRequest, "the file is empty")
			return "", nil, false
		}
		return filepath.Base("/" + part.FileName()), data, true
	}
}

func readable(w http.ResponseWriter, err error) bool {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return true
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "that is too large")
	default:
		refuse(w, http.StatusBadRequest, "that cannot be read: "+err.Error())
	}
	return false
}

func done(w http.ResponseWriter) { answer(w, http.StatusOK, struct{}{}) }

// doneOr answers with what was in the way of an action: the screen has changed since it was drawn.
func doneOr(w http.ResponseWriter, err error) {
	if err != nil {
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	done(w)
}
