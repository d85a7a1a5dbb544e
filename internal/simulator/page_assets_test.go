package simulator_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPageFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, kind := range map[string]string{
		"/": "text/html", "/assets/app.js": "text/javascript", "/assets/page.css": "text/css", "/assets/icons.svg": "image/svg+xml",
	} {
		response := s.do("GET", path, "", "")
		if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %s, %s", path, response.Status, response.Header.Get("Content-Type"))
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		policy := response.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		again := s.do("GET", path, "", "", func(r *http.Request) { r.Header.Set("If-None-Match", response.Header.Get("ETag")) })
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %s, want 304", path, again.Status)
		}
	}
	for _, path := range []string{"/assets/none.js", "/assets/..%2fpage.go", "/other", "/sim/phones/13/chat", "/sim/phones/x/chat"} {
		if response := s.do("GET", path, "", ""); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404", path, response.Status)
		}
	}
}

func TestPageLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	html, err := io.ReadAll(s.do("GET", "/", "", "").Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, attribute := range []string{`src="`, `href="`} {
		for _, rest := range strings.Split(string(html), attribute)[1:] {
			address, _, _ := strings.Cut(rest, `"`)
			address, _, _ = strings.Cut(address, "#")
			if response := s.do("GET", "/"+address, "", ""); response.StatusCode != http.StatusOK {
				t.Errorf("the page names %q: %s", address, response.Status)
			}
		}
	}
	if bytes.Contains(html, []byte("<script>")) || bytes.Contains(html, []byte("style=")) {
		t.Error("the page has inline script or style, which its own policy forbids")
	}
}

// body is an asset as the browser gets it.
func (s *site) body(name string) string {
	s.t.Helper()
	data, err := io.ReadAll(s.do("GET", "/assets/"+name, "", "").Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

var scripts = []string{
	"api.js", "app.js", "attach.js", "chat.js", "composer.js", "dom.js", "events.js", "i18n.js", "keyboard.js", "links.js", "look.js",
	"message.js", "overlay.js", "phone.js", "rings.js", "tabs.js", "theme.js",
}

// found returns what the first group of a pattern matches in a text, each once, in order.
func found(pattern, text string) []string {
	var all []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestPageIsWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var code strings.Builder
	for _, name := range scripts {
		text := s.body(name)
		code.WriteString(text)
		for _, imported := range found(`from '\./([^']+)'`, text) {
			if !slices.Contains(scripts, imported) {
				t.Errorf("%s imports %s, which is not there", name, imported)
			}
		}
	}
	words := s.body("i18n.js")
	english, arabic, _ := strings.Cut(words, "const ar = {")
	arabic, _, _ = strings.Cut(arabic, "};")
	english = english[strings.Index(english, "const en = {"):]
	const key = `(?m)[ {](\w+): '`
	if diff := cmp.Diff(found(key, english), found(key, arabic)); diff != "" {
		t.Errorf("words (-English +Arabic):\n%s", diff)
	}
	for _, used := range found(`\bt\.(\w+)\b`, strings.ReplaceAll(code.String(), "t.me", "")) {
		if !slices.Contains(found(key, english), used) {
			t.Errorf("the word %q is missing", used)
		}
	}
	icons := found(`<symbol id="(\w+)"`, s.body("icons.svg"))
	used := append(found(`\bicon(?:Button)?\('(\w+)'`, code.String()), found(`icon: '(\w+)'`, code.String())...)
	for _, name := range used {
		if !slices.Contains(icons, name) {
			t.Errorf("the icon %q is missing", name)
		}
	}
}

// Set VETALYZE_BROWSER to a Chromium to see the page drawn by it.
func TestPageInBrowser(t *testing.T) {
	t.Parallel()
	browser := os.Getenv("VETALYZE_BROWSER")
	if browser == "" {
		t.Skip("VETALYZE_BROWSER is not set")
	}
	s := newSite(t)
	s.send("<b>Welcome</b>, أمينة", args{"parse_mode": "HTML", "reply_markup": `{"inline_keyboard":[[{"text":"Go","callback_data":"go"}]]}`})
	server := serve(t, s.page)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=4000", "--dump-dom", server.URL+"/?still")
	drawn, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<b>Welcome</b>", `class="inline-button `, `id="phone-12"`, ">START<", "القائمة"} {
		if !bytes.Contains(drawn, []byte(want)) {
			t.Errorf("the page drawn has no %q", want)
		}
	}
}
