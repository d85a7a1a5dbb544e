package simulator

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var entityDiff = cmpopts.EquateEmpty()

func TestHTML(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, html, text string
		entities         []Entity
	}{
		{"plain", "a & b &copy; c", "a & b &copy; c", nil},
		{"references", "&lt;&gt;&amp;&quot;&#65;&#x42;&lt", `<>&"AB<`, nil},
		{"bold", "a <b>b</b> c", "a b c", []Entity{{Type: "bold", Offset: 2, Length: 1}}},
		{"aliases", "<strong>a</strong><em>b</em><ins>c</ins><del>d</del>", "abcd", []Entity{
			{Type: "bold", Offset: 0, Length: 1},
			{Type: "italic", Offset: 1, Length: 1},
			{Type: "underline", Offset: 2, Length: 1},
			{Type: "strikethrough", Offset: 3, Length: 1},
		}},
		{"capitals", "<B>x</b>", "x", []Entity{{Type: "bold", Length: 1}}},
		{"short end tag", "<b>x</>", "x", []Entity{{Type: "bold", Length: 1}}},
		{"UTF-16", "😀<b>ع😀</b>", "😀ع😀", []Entity{{Type: "bold", Offset: 2, Length: 3}}},
		{"nested", "<b>a<i>b</i></b>", "ab", []Entity{
			{Type: "bold", Length: 2}, {Type: "italic", Offset: 1, Length: 1},
		}},
		{"empty", "<b></b>x", "x", nil},
		{
			"link", `<a href="https://Example.com/A">x</a>`, "x",
			[]Entity{{Type: "text_link", Length: 1, URL: "https://example.com/A"}},
		},
		{
			"link without slash", "<a href=example.com>x</a>", "x",
			[]Entity{{Type: "text_link", Length: 1, URL: "http://example.com/"}},
		},
		{"link nowhere", `<a href="nowhere">x</a>`, "x", nil},
		{
			"link reference", `<a href='https://e.com/?a=1&amp;b=2'>x</a>`, "x",
			[]Entity{{Type: "text_link", Length: 1, URL: "https://e.com/?a=1&b=2"}},
		},
		{"mention", `<a href="tg://user?id=11">x</a>`, "x", []Entity{{Type: "text_mention", Length: 1, UserID: 11}}},
		{"spoiler", `<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>`, "xy", []Entity{
			{Type: "spoiler", Length: 1}, {Type: "spoiler", Offset: 1, Length: 1},
		}},
		{
			"pre with language", `<pre><code class="language-go">x</code></pre>`, "x",
			[]Entity{{Type: "pre", Length: 1, Language: "go"}},
		},
		{"code", `<code class="language-go">x</code>`, "x", []Entity{{Type: "code", Length: 1}}},
		{"quote", "<blockquote expandable>x</blockquote>", "x", []Entity{{Type: "expandable_blockquote", Length: 1}}},
		{
			"emoji", `<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>`, "👍",
			[]Entity{{Type: "custom_emoji", Length: 2, CustomEmojiID: "5368324170671202286"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text, entities, err := parseHTML(test.html)
			if err != nil {
				t.Fatal(err)
			}
			if text != test.text {
				t.Errorf("text %q, want %q", text, test.text)
			}
			if diff := cmp.Diff(test.entities, entities, entityDiff); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHTMLRefused(t *testing.T) {
	t.Parallel()
	for html, want := range map[string]string{
		"<p>x</p>":               `Unsupported start tag "p" at byte offset 0`,
		"ع<BR>":                  `Unsupported start tag "br" at byte offset 2`,
		"a < b":                  `Unsupported start tag "" at byte offset 2`,
		"1 <2 ok>":               `Unsupported start tag "2" at byte offset 2`,
		"<b":                     "Unclosed start tag at byte offset 0",
		"<b>x":                   `Can't find end tag corresponding to start tag "b"`,
		"x</b>":                  "Unexpected end tag at byte offset 1",
		"<b>x</i>":               `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`,
		"<b><i>x</b></i>":        `Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
		"<b>x</b":                "Unclosed end tag at byte offset 4",
		"<b>x</b y>":             "Unclosed end tag at byte offset 4",
		"<a >x</a>x<a ":          `Empty attribute name in the tag "a" at byte offset 10`,
		`<a ="x">x</a>`:          `Empty attribute name in the tag "a" at byte offset 0`,
		"<a href":                `Unclosed start tag "a" at byte offset 0`,
		"<a href=":               `Unclosed start tag "a" at byte offset 0`,
		`<a href="x`:             "Unclosed start tag at byte offset 0",
		"<a href=x/y>x</a>":      "Unexpected end of name token at byte offset 8",
		"<span>x</span>":         `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		"<tg-emoji>x</tg-emoji>": "Invalid custom emoji identifier specified",
		"&#xD800;": "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched " +
			"surrogate code units",
	} {
		if _, _, err := parseHTML(html); err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", html, err, want)
		}
	}
}

func TestFixText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, html, text string
		entities         []Entity
	}{
		{"trim", " \n <b>a</b> \n", "a", []Entity{{Type: "bold", Length: 1}}},
		{"trim inside", "<b> a </b> ", " a", []Entity{{Type: "bold", Length: 2}}},
		{"control characters", "a\tb\x00c\rd", "a b cd", nil},
		{"overrides vanish", "a\u202Eb\u2066c\u2069", "ab\u2066c\u2069", nil},
		{"overrides inside", "<b>a\u202Eb</b>c", "abc", []Entity{{Type: "bold", Length: 2}}},
		{"marks", "a\u200F\u200Fb", "a\u200C\u200Fb", nil},
		{"command", "say /start@bot now", "say /start@bot now", []Entity{{Type: "bot_command", Offset: 4, Length: 10}}},
		{"command after Arabic", "قل /menu", "قل /menu", []Entity{{Type: "bot_command", Offset: 3, Length: 5}}},
		{"no command", "a/b 1/2 //x", "a/b 1/2 //x", nil},
		{"url", "see https://e.com/a.", "see https://e.com/a.", []Entity{{Type: "url", Offset: 4, Length: 15}}},
		{"mention and tag", "@amina #cat", "@amina #cat", []Entity{
			{Type: "mention", Length: 6}, {Type: "hashtag", Offset: 7, Length: 4},
		}},
		{"email", "a@e.com", "a@e.com", []Entity{{Type: "email", Length: 7}}},
		{"touching bold", "<b>a</b><b>b</b>", "ab", []Entity{{Type: "bold", Length: 2}}},
		{"bold in code", "<code>a<b>b</b></code>", "ab", []Entity{{Type: "code", Length: 2}}},
		{"code in bold", "<b>a<code>b</code>c</b>", "abc", []Entity{
			{Type: "bold", Length: 1}, {Type: "code", Offset: 1, Length: 1}, {Type: "bold", Offset: 2, Length: 1},
		}},
		{
			"quotes do not nest", "<blockquote>a<blockquote>b</blockquote></blockquote>", "ab",
			[]Entity{{Type: "blockquote", Length: 2}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text, entities, err := parseHTML(test.html)
			if err != nil {
				t.Fatal(err)
			}
			text, entities, refused := fixText(text, entities, false)
			if refused != nil {
				t.Fatal(refused)
			}
			if text != test.text {
				t.Errorf("text %q, want %q", text, test.text)
			}
			if diff := cmp.Diff(test.entities, entities, entityDiff); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// escape is what a bot does with a person's text before it puts it into HTML.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func TestEscapedTextIsAlwaysTaken(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got, _, err := parseHTML("<b>" + escape.Replace(text) + "</b>")
		if err != nil || got != text {
			t.Fatalf("got %q, %v", got, err)
		}
	})
}

func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		"<b>a</b>", "a < b", `<a href="x&amp;y">z</a>`, "&#x1F600;", "<pre><code class=language-go>x</code></pre>",
		"<blockquote expandable>q</blockquote>", "ع<i>ي</i>", "<b><i>x</b></i>", "<a href='", "&#xD83D;&#xDE00;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, html string) {
		if !utf8.ValidString(html) {
			return
		}
		text, entities, err := parseHTML(html)
		if err != nil {
			return
		}
		fixed, entities, refused := fixText(text, entities, true)
		if refused != nil {
			return
		}
		end := utf16Len(fixed)
		for i, e := range entities {
			if e.Offset < 0 || e.Length <= 0 || e.end() > end {
				t.Fatalf("%q: entity %+v outside of %d units", html, e, end)
			}
			for _, other := range entities[:i] {
				if crosses(e, other) {
					t.Fatalf("%q: %+v and %+v cross", html, other, e)
				}
			}
		}
	})
}
