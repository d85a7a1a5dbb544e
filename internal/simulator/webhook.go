package simulator

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// WebhookConfig says where webhooks may point. Telegram takes public HTTPS addresses only; the simulator reaches
// no network unless it is told to.
type WebhookConfig struct {
	Handlers   map[string]http.Handler // by URL prefix: delivered in process
	AllowLocal bool                    // take http:// and https:// on loopback addresses, on any port
	Client     *http.Client            // delivers over the network; nil: only to loopback, if allowed
}

// webhook is where updates go instead of getUpdates. Simulator.mu guards it.
type webhook struct {
	url         string
	secret      string
	maxConns    int
	ip          string
	certificate bool
	client      *http.Client

	ctx       context.Context
	stop      context.CancelFunc
	slots     chan struct{}  // one for each request under way
	lanes     map[int64]bool // lanes with a goroutine that delivers them
	errorAt   time.Time
	errorText string
	gone      time.Time // first 410 in a row
}

// goneFor is how long a webhook may answer 410 before it is removed.
const goneFor = 23 * time.Hour

// setWebhook sets, changes or, without a url, deletes the webhook.
func (s *Simulator) setWebhook(q *query) (any, *apiError) {
	address := q.args["url"]
	now := s.cfg.Now()
	if address != "" {
		if now.Before(s.hookNext) {
			return nil, tooMany(1)
		}
		s.hookNext = now.Add(time.Second)
	}
	if s.sameWebhook(q, address) {
		s.allow(q)
		q.note = "Webhook is already set"
		if address == "" {
			q.note = "Webhook is already deleted"
		}
		return true, nil
	}
	if address != "" {
		s.endPoll("Conflict: terminated by setWebhook request")
	}
	was := s.hook != nil
	s.closeWebhook()
	if q.flag("drop_pending_updates") {
		s.queue.waiting = nil
		s.broadcast()
	}
	if address == "" {
		q.note = "Webhook is already deleted"
		if was {
			q.note = "Webhook was deleted"
		}
		return true, nil
	}
	hook, err := s.newWebhook(q, address)
	if err != nil {
		return nil, err
	}
	s.allow(q)
	s.hook = hook
	q.note = "Webhook was set"
	s.deliver(s.queue.waiting...)
	return true, nil
}

func (s *Simulator) deleteWebhook(q *query) (any, *apiError) {
	delete(q.args, "url")
	return s.setWebhook(q)
}

func (s *Simulator) sameWebhook(q *query, address string) bool {
	if q.flag("drop_pending_updates") {
		return false
	}
	if s.hook == nil || address == "" {
		return s.hook == nil && address == ""
	}
	_, certificate := q.files["certificate"]
	return s.hook.url == address && !certificate && !s.hook.certificate && s.hook.secret == q.args["secret_token"] &&
		s.hook.maxConns == webhookConnections(q) && q.args["ip_address"] == s.hook.ip
}

func webhookConnections(q *query) int { return int(q.integer("max_connections", 40, 1, 100)) }

// closeWebhook ends delivery; what was not delivered stays in the queue. mu is held.
func (s *Simulator) closeWebhook() {
	if s.hook != nil {
		s.hook.stop()
		s.hook = nil
	}
}

func (s *Simulator) newWebhook(q *query, address string) (*webhook, *apiError) {
	protocol, host, _, err := splitURL(address)
	if err != nil {
		return nil, bad("invalid webhook URL specified")
	}
	if !strings.Contains(address, "://") {
		protocol, address = "https", "https://"+address
	}
	secret := q.args["secret_token"]
	switch {
	case len(secret) > 256:
		return nil, bad("secret token is too long")
	case strings.Trim(secret, base64URL) != "":
		return nil, bad("secret token contains unallowed characters")
	}
	client, reason := s.webhookClient(address, protocol, host)
	if reason != "" {
		return nil, &apiError{code: 400, text: "Bad Request: bad webhook: " + reason}
	}
	_, certificate := q.files["certificate"]
	hook := &webhook{
		url: address, secret: secret, maxConns: webhookConnections(q), ip: q.args["ip_address"],
		certificate: certificate, client: client, lanes: map[int64]bool{},
	}
	hook.slots = make(chan struct{}, hook.maxConns)
	hook.ctx, hook.stop = context.WithCancel(context.Background())
	return hook, nil
}

// webhookClient says how an address is reached, or why Telegram does not take it.
func (s *Simulator) webhookClient(address, protocol, host string) (client *http.Client, reason string) {
	for prefix, handler := range s.cfg.Webhook.Handlers {
		if strings.HasPrefix(address, prefix) {
			return &http.Client{Transport: inProcess{handler: handler}, CheckRedirect: noRedirect}, ""
		}
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	local := name == "localhost" || ip != nil && ip.IsLoopback()
	if local && s.cfg.Webhook.AllowLocal {
		return s.networkClient(), ""
	}
	switch {
	case protocol != "https":
		return nil, "An HTTPS URL must be provided for webhook"
	case port != "" && !slices.Contains([]string{"443", "80", "88", "8443"}, port):
		return nil, "Webhook can be set up only on ports 80, 88, 443 or 8443"
	case name == "localhost":
		return nil, "IP address 127.0.0.1 is reserved"
	case ip != nil && ip.To4() == nil:
		return nil, "IPv6-only addresses are not allowed"
	case ip != nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified() || ip.IsLinkLocalUnicast()):
		return nil, "IP address " + ip.String() + " is reserved"
	case s.cfg.Webhook.Client == nil:
		return nil, "Failed to resolve host: Name or service not known"
	}
	return s.networkClient(), ""
}

func (s *Simulator) networkClient() *http.Client {
	client := http.Client{}
	if s.cfg.Webhook.Client != nil {
		client = *s.cfg.Webhook.Client
	}
	client.CheckRedirect = noRedirect
	return &client
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

type webhookInfo struct {
	URL                  string   `json:"url"`
	HasCustomCertificate bool     `json:"has_custom_certificate"`
	PendingUpdateCount   int      `json:"pending_update_count"`
	LastErrorDate        int64    `json:"last_error_date,omitempty"`
	LastErrorMessage     string   `json:"last_error_message,omitempty"`
	MaxConnections       int      `json:"max_connections,omitempty"`
	IPAddress            string   `json:"ip_address,omitempty"`
	AllowedUpdates       []string `json:"allowed_updates,omitempty"`
}

func (s *Simulator) getWebhookInfo(*query) (any, *apiError) {
	s.queue.expire(s.now())
	info := webhookInfo{PendingUpdateCount: len(s.queue.waiting), AllowedUpdates: s.queue.allowed}
	if hook := s.hook; hook != nil {
		info.URL, info.HasCustomCertificate, info.MaxConnections = hook.url, hook.certificate, hook.maxConns
		info.LastErrorMessage = hook.errorText
		if !hook.errorAt.IsZero() {
			info.LastErrorDate = hook.errorAt.Unix()
		}
		if info.IPAddress = hook.ip; info.IPAddress == "" {
			info.IPAddress = "<unknown>"
		}
	}
	return info, nil
}
