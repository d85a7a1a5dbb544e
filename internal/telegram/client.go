package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/redis/go-redis/v9"
)

// DefaultAPIURL is Telegram's own Bot API server.
const DefaultAPIURL = "https://api.telegram.org"

// A ClientConfig says whose bot speaks, to which server, and how fast.
type ClientConfig struct {
	Token  string
	APIURL string       // empty: DefaultAPIURL
	HTTP   *http.Client // nil: one of our own. Its Timeout is not used: every call brings its own
	Limits Limits       // zero fields: Telegram's limits

	// Redis holds the limits over several instances; nil: each holds them for itself, and so
	// it does while Redis is down. Set ContextTimeoutEnabled in its options, so that a Redis
	// that hangs costs a second now and then, and not every call its whole timeout.
	Redis redis.UniversalClient

	Logger  *slog.Logger // nil: slog.Default()
	Metrics *Metrics     // nil: none
}

// A Client is the bot as Telegram knows it. The methods of *bot.Bot are its calls; each is
// kept within the limits, waits when Telegram says so, and is repeated where that does no
// harm. "Message is not modified" counts as success.
//
// SendMessage, EditMessageText and EditMessageReplyMarkup are our own: they return only which message it was.
//
// Start, StartWebhook and WebhookHandler are not for use: they acknowledge updates before
// these are handled (see Intake). There is nothing to close; Close is the Bot API's close,
// which moves a bot to another server.
type Client struct {
	*bot.Bot
	me     *models.User
	caller *caller
	base   string // address of the Bot API with the token: never to be logged
	token  string
}

// tokenShape also keeps anything out that would end up in the text of a URL parser's error.
var tokenShape = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

// NewClient returns a client after asking Telegram who it is.
func NewClient(ctx context.Context, config ClientConfig) (*Client, error) {
	if err := CheckToken(config.Token); err != nil {
		return nil, fmt.Errorf("telegram: %w", err)
	}
	apiURL := strings.TrimRight(config.APIURL, "/")
	if apiURL == "" {
		apiURL = DefaultAPIURL
	}
	if u, err := url.Parse(apiURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("telegram: %q is not the address of a Bot API server", apiURL)
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	c := &Client{
		caller: newCaller(config),
		base:   apiURL + "/bot" + config.Token + "/",
		token:  config.Token,
	}
	var err error
	c.Bot, err = bot.New(config.Token,
		bot.WithSkipGetMe(), // below, with our context and our errors
		bot.WithServerURL(apiURL),
		bot.WithHTTPClient(0, c.caller),
		bot.WithErrorsHandler(func(err error) { config.Logger.Warn("telegram client", "error", err) }),
	)
	if err != nil {
		return nil, fmt.Errorf("telegram: %w", err)
	}
	if c.me, err = c.GetMe(ctx); err != nil {
		return nil, fmt.Errorf("telegram: ask who we are: %w", err)
	}
	return c, nil
}

// botID returns the id in a token.
func botID(token string) int64 {
	id, _, _ := strings.Cut(token, ":")
	n, _ := strconv.ParseInt(id, 10, 64) // tokenShape holds: 0 only for an id that overflows
	return n
}

// CheckToken says whether a token looks like one of BotFather's. The error does
// not repeat it.
func CheckToken(token string) error {
	if !tokenShape.MatchString(token) {
		return errors.New("a token looks like 123456:ABC-DEF")
	}
	return nil
}

// Me returns the bot's own account, as of the start.
func (c *Client) Me() *models.User { return c.me }

// WebhookSecret returns the secret by which a webhook request is known to be Telegram's. It
// follows from the token, so that all instances agree on it, and does not give it away.
func (c *Client) WebhookSecret() string {
	mac := hmac.New(sha256.New, []byte(c.token))
	mac.Write([]byte("webhook secret"))
	return hex.EncodeToString(mac.Sum(nil))
}

// UseWebhook asks Telegram to bring updates to url, with secret in each request's header.
// Updates that are waiting are kept.
func (c *Client) UseWebhook(ctx context.Context, url, secret string) error {
	_, err := c.SetWebhook(ctx, &bot.SetWebhookParams{
		URL: url, SecretToken: secret, AllowedUpdates: AllowedUpdates(),
	})
	if err != nil {
		return fmt.Errorf("set webhook: %w", err)
	}
	return nil
}

// UsePolling asks Telegram to keep updates until they are fetched (Intake.Poll).
// Updates that are waiting are kept.
func (c *Client) UsePolling(ctx context.Context) error {
	if _, err := c.DeleteWebhook(ctx, &bot.DeleteWebhookParams{}); err != nil {
		return fmt.Errorf("delete webhook: %w", err)
	}
	return nil
}

// getUpdates asks once for updates from offset on, which confirms all before it, and waits up
// to timeout for the first. The library's own is private, and confirms what is not yet handled.
func (c *Client) getUpdates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]json.RawMessage, error) {
	asked := &call{method: "getUpdates", timeout: timeout + 10*time.Second}
	err := asked.writeJSON(c.base, map[string]any{
		"offset":          offset,
		"limit":           limit,
		"timeout":         int(timeout / time.Second),
		"allowed_updates": AllowedUpdates(),
	})
	if err != nil {
		return nil, fmt.Errorf("get updates: %w", err)
	}
	answer, err := c.caller.attempt(ctx, asked)
	if err == nil {
		err = answer.err()
	}
	if err != nil {
		return nil, fmt.Errorf("get updates: %w", err)
	}
	var batch struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(answer.body).Decode(&batch); err != nil {
		return nil, fmt.Errorf("get updates: %w", &CallError{Status: answer.status, Err: err})
	}
	return batch.Result, nil
}
