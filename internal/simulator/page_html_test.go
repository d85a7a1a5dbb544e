package simulator

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

func TestRenderHTML(t *testing.T) {
	t.Parallel()
	// at makes an entity that covers part of a text, counted as Telegram counts.
	at := func(text, part, kind string) Entity {
		before, _, _ := strings.Cut(text, part)
		return Entity{Type: kind, Offset: len(utf16.Encode([]rune(before))), Length: len(utf16.Encode([]rune(part)))}
	}
	for _, test := range []struct {
		name     string
		text     string
		entities []Entity
		want     string
	}{
		{name: "nothing", text: "", want: ""},
		{
			name: "hostile text is escaped", text: `<b>&"' <script>alert(1)</script>`,
			want: `&lt;b&gt;&amp;&#34;&#39; &lt;script&gt;alert(1)&lt;/script&gt;`,
		},
		{name: "hostile text in an entity", text: `a <b>&"'`, entities: []Entity{{Type: "bold", Offset: 2, Length: 6}}, want: `a <b>&lt;b&gt;&amp;&#34;&#39;</b>`},
		{name: "emoji count two units", text: "🐶🐱 Rex", entities: []Entity{at("🐶🐱 Rex", "Rex", "bold")}, want: "🐶🐱 <b>Rex</b>"},
		{name: "an emoji with joiners", text: "👩‍⚕️ Dr", entities: []Entity{at("👩‍⚕️ Dr", "👩‍⚕️", "italic")}, want: "<i>👩‍⚕️</i> Dr"},
		{name: "Arabic", text: "المالك: أحمد علي", entities: []Entity{at("المالك: أحمد علي", "أحمد علي", "bold")}, want: "المالك: <b>أحمد علي</b>"},
		{
			name: "nested", text: "one two three",
			entities: []Entity{{Type: "bold", Length: 13}, {Type: "italic", Offset: 4, Length: 3}, {Type: "underline", Offset: 4, Length: 3}},
			want:     "<b>one <i><u>two</u></i> three</b>",
		},
		{
			name: "overlapping", text: "one two three",
			entities: []Entity{{Type: "bold", Length: 7}, {Type: "italic", Offset: 4, Length: 9}},
			want:     "<b>one <i>two</i></b><i> three</i>",
		},
		{
			name: "in any order", text: "ab",
			entities: []Entity{{Type: "strikethrough", Offset: 1, Length: 1}, {Type: "code", Length: 1}},
			want:     "<code>a</code><s>b</s>",
		},
		{name: "longer than the text", text: "ab", entities: []Entity{{Type: "bold", Offset: 1, Length: 99}}, want: "a<b>b</b>"},
		{name: "outside of the text", text: "ab", entities: []Entity{{Type: "bold", Offset: 5, Length: 3}, {Type: "italic", Offset: -4, Length: 2}}, want: "ab"},
		{name: "starts before the text", text: "ab", entities: []Entity{{Type: "bold", Offset: -1, Length: 2}}, want: "<b>a</b>b"},
		{name: "starts inside an emoji", text: "🐶a", entities: []Entity{{Type: "bold", Offset: 1, Length: 2}}, want: "🐶<b>a</b>"},
		{name: "empty", text: "ab", entities: []Entity{{Type: "bold", Offset: 1}}, want: "ab"},
		{name: "unknown", text: "ab", entities: []Entity{{Type: "custom_emoji", Length: 1}}, want: "ab"},
		{name: "spoiler", text: "ab", entities: []Entity{{Type: "spoiler", Length: 1}}, want: `<span class="spoiler">a</span>b`},
		{name: "pre with a language", text: "x := 1", entities: []Entity{{Type: "pre", Length: 6, Language: `go"><i>`}}, want: `<pre><code class="language-go&#34;&gt;&lt;i&gt;">x := 1</code></pre>`},
		{name: "a block ends its line", text: "q\na", entities: []Entity{{Type: "blockquote", Length: 1}}, want: "<blockquote>q</blockquote>a"},
		{name: "one line only", text: "q\n\na", entities: []Entity{{Type: "expandable_blockquote", Length: 1}}, want: "<blockquote class=\"expandable\">q</blockquote>\na"},
		{name: "text link", text: "here", entities: []Entity{{Type: "text_link", Length: 4, URL: `https://a.example/?q="&x=1`}}, want: `<a href="https://a.example/?q=&#34;&amp;x=1">here</a>`},
		{name: "a script is no address", text: "here", entities: []Entity{{Type: "text_link", Length: 4, URL: "javascript:alert(1)"}}, want: `<a class="plain">here</a>`},
		{name: "address without a scheme", text: "a.example/x", entities: []Entity{{Type: "url", Length: 11}}, want: `<a href="http://a.example/x">a.example/x</a>`},
		{name: "a script as an address", text: "javascript://x", entities: []Entity{{Type: "url", Length: 14}}, want: `<a class="plain">javascript://x</a>`},
		{name: "e-mail", text: "a@b.example", entities: []Entity{{Type: "email", Length: 11}}, want: `<a href="mailto:a@b.example">a@b.example</a>`},
		{name: "phone", text: "+20 100", entities: []Entity{{Type: "phone_number", Length: 7}}, want: `<a href="tel:+20100">+20 100</a>`},
		{name: "mention", text: "@rex", entities: []Entity{{Type: "mention", Length: 4}}, want: `<a href="https://t.me/rex">@rex</a>`},
		{name: "hashtag", text: "#cat", entities: []Entity{{Type: "hashtag", Length: 4}}, want: `<a class="plain">#cat</a>`},
		{name: "command", text: "see /help", entities: []Entity{{Type: "bot_command", Offset: 4, Length: 5}}, want: `see <a class="command" data-command="/help">/help</a>`},
		{
			name: "no link in a link", text: "see x.example",
			entities: []Entity{{Type: "text_link", Length: 13, URL: "https://y.example"}, {Type: "url", Offset: 4, Length: 9}},
			want:     `<a href="https://y.example">see x.example</a>`,
		},
		{name: "date", text: "noon", entities: []Entity{{Type: "date_time", Length: 4, UnixTime: 0}}, want: `<time datetime="1970-01-01T00:00:00Z">noon</time>`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, renderHTML(test.text, test.entities)); diff != "" {
				t.Errorf("rendering (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the entities, a browser reads back the text that was written, and every element is closed in order.
func TestRenderHTMLProperty(t *testing.T) {
	t.Parallel()
	kinds := []string{"bold", "italic", "spoiler", "code", "text_link", "url", "bot_command", "pre", "blockquote", "hashtag", "text_mention"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab<>&\"'/ 🐶👍é\u200fأحمد"))).Draw(t, "text")
		entities := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Entity {
			return Entity{
				Type:   rapid.SampledFrom(kinds).Draw(t, "type"),
				Offset: rapid.IntRange(-2, 40).Draw(t, "offset"),
				Length: rapid.IntRange(0, 40).Draw(t, "length"),
				URL:    rapid.SampledFrom([]string{"https://a.example/\"><b>", "javascript:x", ""}).Draw(t, "url"),
			}
		}), 0, 8).Draw(t, "entities")
		if got := readBack(t, renderHTML(text, entities)); got != text {
			t.Fatalf("reads %q, wrote %q", got, text)
		}
	})
}

// readBack returns the text of an HTML fragment and fails if its elements do not nest.
func readBack(t *rapid.T, rendered string) string {
	var text strings.Builder
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Fatalf("%q left open in %q", open, rendered)
			}
			return text.String()
		case html.TextToken:
			text.WriteString(html.UnescapeString(string(tokens.Raw())))
		case html.StartTagToken:
			name, _ := tokens.TagName()
			open = append(open, string(name))
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %q in %q", name, open, rendered)
			}
			open = open[:len(open)-1]
		}
	}
}

func TestRightToLeft(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "Rex": false, "أحمد": true, "123 أحمد": true, "🐶 Rex أحمد": false, "🐶 أحمد Rex": true, "שלום": true, "+20 100": false,
	} {
		if got := rightToLeft(text); got != want {
			t.Errorf("rightToLeft(%q) = %v", text, got)
		}
	}
}

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Salma Adel": "SA", "omar": "O", "Nour El-Din Samir": "NE", "سارة محمود": "س م", "": "", "  ": "",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}
