package simulator

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed web
var webFiles embed.FS

// PageConfig says what the demo page shows.
type PageConfig struct {
	Title      string              // of the page; empty: the bot's name
	Phones     []Phone             // side by side, in this order; none: everybody there is
	Zone       *time.Location      // of every time on the page; nil: UTC
	ClockMoved func(now time.Time) // called after the page has moved the Clock; may be nil
	Next       *Next               // a moment worth moving the Clock to; nil: the page offers none
}

// Next is something to come that the page's clock can be moved to.
type Next struct {
	Label map[string]string                                  // of its button, by language: "en": "Next reminder"
	None  map[string]string                                  // what to say when there is none
	At    func(ctx context.Context) (time.Time, bool, error) // when it will be; false: nothing is to come
}

// A Phone is one person's screen on the page.
type Phone struct {
	Person   int64
	Title    string // "Receptionist"; empty: the person's name
	Subtitle string // "Nile Pet Clinic"
}

// page serves the demo page and what it asks for.
type page struct {
	sim    *Simulator
	cfg    PageConfig
	epoch  string // names this run of the simulator in event ids: numbers start anew with each
	assets map[string]asset
}

// asset is one embedded file with its tag for caches.
type asset struct {
	data []byte
	tag  string
}

// Page serves a web page on which people chat with the bot. Everything it does goes through /sim/, on the same
// origin. It has no login: whoever reaches it can speak as anybody.
func (s *Simulator) Page(cfg PageConfig) http.Handler {
	cfg.Title = cmp.Or(cfg.Title, s.cfg.BotName)
	cfg.Zone = cmp.Or(cfg.Zone, time.UTC)
	p := &page{sim: s, cfg: cfg, epoch: rand.Text()[:8], assets: loadAssets()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.index)
	mux.HandleFunc("GET /assets/{name}", p.asset)
	mux.HandleFunc("GET /sim/page", p.about)
	mux.HandleFunc("GET /sim/phones", p.phones)
	mux.HandleFunc("GET /sim/events", p.events)
	mux.HandleFunc("GET /sim/files/{file}", p.file)
	mux.HandleFunc("GET /sim/clock", p.clock)
	mux.HandleFunc("POST /sim/clock", p.moveClock)
	mux.HandleFunc("GET /sim/phones/{phone}/chat", p.onPhone(p.chat))
	for action, do := range map[string]phoneHandler{
		"send": p.send, "press": p.press, "tap": p.tap, "edit": p.edit, "delete": p.delete, "contact": p.contact,
		"photo": p.photo, "document": p.document, "sticker": p.sticker, "voice": p.voice, "block": p.block, "open": p.open,
	} {
		mux.HandleFunc("POST /sim/phones/{phone}/"+action, p.onPhone(do))
	}
	return secure(mux)
}

// secure refuses requests that another site's page makes, and tells the browser to trust nothing but this origin.
func secure(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "only this page may do that")
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "+
			"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		guarded.ServeHTTP(w, r)
	})
}

func loadAssets() map[string]asset {
	assets := map[string]asset{}
	files, err := fs.Glob(webFiles, "web/*")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range files {
		data, err := webFiles.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		sum := sha256.Sum256(data)
		assets[strings.TrimPrefix(name, "web/")] = asset{data: data, tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return assets
}

func (p *page) index(w http.ResponseWriter, r *http.Request) { p.serve(w, r, "index.html") }

func (p *page) asset(w http.ResponseWriter, r *http.Request) { p.serve(w, r, r.PathValue("name")) }

func (p *page) serve(w http.ResponseWriter, r *http.Request, name string) {
	found, ok := p.assets[name]
	if !ok {
		refuse(w, http.StatusNotFound, "no such file")
		return
	}
	w.Header().Set("Cache-Control", "no-cache") // asked again each time, answered 304: a new build shows at once
	w.Header().Set("ETag", found.tag)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(found.data))
}

// phoneHandler answers a request about one person's phone.
type phoneHandler func(w http.ResponseWriter, r *http.Request, person *Person)

// onPhone finds the phone that a path names. Only the phones of the page can be reached.
func (p *page) onPhone(do phoneHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("phone"), 10, 64)
		if err == nil {
			for _, phone := range p.shown() {
				if person := p.sim.Person(phone.Person); phone.Person == id && person != nil {
					do(w, r, person)
					return
				}
			}
		}
		refuse(w, http.StatusNotFound, "no such phone")
	}
}

// shown lists the phones of the page.
func (p *page) shown() []Phone {
	if len(p.cfg.Phones) > 0 {
		return p.cfg.Phones
	}
	var phones []Phone
	for _, person := range p.sim.People() {
		phones = append(phones, Phone{Person: person.ID})
	}
	return phones
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // who hung up does not read it
}

// refuse answers with a reason that the page shows.
func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, map[string]string{"error": reason})
}
