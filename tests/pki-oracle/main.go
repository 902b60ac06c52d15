// What Go's own crypto/tls, crypto/x509 and encoding/pem say about certificates and keys, good, damaged and mixed up.
// Writes cases with their answers as lines of JSON: pki-oracle SEED COUNT. Keys are new in every run, what is done to
// them repeats.
package main

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// A case, by what is asked: what blocks a text has, whether a pair is one, whether a certificate is for a host,
// whether one is trusted.
type answer struct {
	Ask   string  `json:"ask"`
	How   string  `json:"how"`
	Text  []byte  `json:"text,omitempty"`
	Key   []byte  `json:"key,omitempty"`
	Host  string  `json:"host,omitempty"`
	Shown []byte  `json:"shown,omitempty"`
	Roots []byte  `json:"roots,omitempty"`
	Usage string  `json:"usage,omitempty"`
	Now   int64   `json:"now,omitempty"`
	Found []block `json:"found,omitempty"`
	Error string  `json:"error"`
}

type block struct {
	Type  string `json:"type"`
	Bytes int    `json:"bytes"`
}

type pair struct {
	name string
	key  crypto.Signer
	cert []byte
}

var (
	start  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	end    = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	out    = json.NewEncoder(os.Stdout)
	random *mathrand.Rand
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	seed, count := must(strconv.ParseInt(os.Args[1], 10, 64)), must(strconv.Atoi(os.Args[2]))
	random = mathrand.New(mathrand.NewSource(seed))
	writer := bufio.NewWriter(os.Stdout)
	defer writer.Flush()
	out = json.NewEncoder(writer)
	pairs := pairs()
	hosts(pairs[0].key, count/20)
	trust(count / 20)
	for range count {
		askPair(pairs)
	}
}

func generate(name string) crypto.Signer {
	curve := map[string]elliptic.Curve{"p224": elliptic.P224(), "p256": elliptic.P256(), "p384": elliptic.P384(), "p521": elliptic.P521()}[name]
	switch {
	case curve != nil:
		return must(ecdsa.GenerateKey(curve, rand.Reader))
	case name == "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	default:
		return must(rsa.GenerateKey(rand.Reader, must(strconv.Atoi(strings.TrimPrefix(name, "rsa")))))
	}
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(random.Int63()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    start,
		NotAfter:     end,
	}
}

func pairs() (all []pair) {
	for _, name := range []string{"p256", "p256", "p384", "p384", "p224", "p224", "p521", "p521", "ed25519", "ed25519", "rsa1024", "rsa2048", "rsa2048"} {
		key := generate(name)
		made := template(name)
		made.DNSNames = []string{"localhost", "*.example.com"}
		made.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("fd00::1")}
		made.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		all = append(all, pair{name, key, must(x509.CreateCertificate(rand.Reader, made, made, key.Public(), key))})
	}
	return all
}

func encode(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

// A key in one of its forms.
func encodeKey(key crypto.Signer) (string, []byte) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if random.Intn(2) == 0 {
			return "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)
		}
	case *ecdsa.PrivateKey:
		if random.Intn(2) == 0 {
			return "EC PRIVATE KEY", must(x509.MarshalECPrivateKey(key))
		}
	}
	return "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))
}

var labels = []string{"CERTIFICATE", "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PARAMETERS", "CERTIFICATE REQUEST", "TRUSTED CERTIFICATE", "PUBLIC KEY", "x PRIVATE KEY", "XPRIVATE KEY"}

func askPair(pairs []pair) {
	left := pairs[random.Intn(len(pairs))]
	right := left
	how := []string{left.name}
	if random.Intn(4) == 0 {
		right = pairs[random.Intn(len(pairs))]
		how = append(how, "with "+right.name)
	}
	label, keyDER := encodeKey(right.key)
	certDER := append([]byte(nil), left.cert...)
	switch random.Intn(8) {
	case 0:
		how = append(how, "key bytes")
		keyDER = damage(keyDER)
	case 1:
		how = append(how, "certificate bytes")
		certDER = damage(certDER)
	case 2:
		label = labels[random.Intn(len(labels))]
		how = append(how, "label "+label)
	}
	certText, keyText := encode("CERTIFICATE", certDER), encode(label, keyDER)
	if random.Intn(4) == 0 {
		certText, how = rewrite(certText, keyText, how)
	}
	if random.Intn(4) == 0 {
		keyText, how = rewrite(keyText, certText, how)
	}
	if random.Intn(20) == 0 {
		certText, keyText = keyText, certText
		how = append(how, "swapped")
	}
	blocks("blocks of a certificate", certText)
	blocks("blocks of a key", keyText)
	_, err := tls.X509KeyPair([]byte(certText), []byte(keyText))
	say(answer{Ask: "pair", How: strings.Join(how, ", "), Text: []byte(certText), Key: []byte(keyText)}, err)
}

func blocks(how, text string) {
	if random.Intn(3) != 0 {
		return
	}
	found := []block{}
	rest := []byte(text)
	for {
		var next *pem.Block
		if next, rest = pem.Decode(rest); next == nil {
			break
		}
		found = append(found, block{next.Type, len(next.Bytes)})
	}
	say(answer{Ask: "blocks", How: how, Text: []byte(text), Found: found}, nil)
}

// Changes, drops or adds bytes.
func damage(der []byte) []byte {
	der = append([]byte(nil), der...)
	at := random.Intn(len(der))
	switch random.Intn(4) {
	case 0:
		return der[:at]
	case 1:
		return append(der, byte(random.Intn(256)))
	default:
		der[at] ^= 1 << random.Intn(8)
		return der
	}
}

// Writes a PEM text as people and programs do, and as they should not.
func rewrite(text, other string, how []string) (string, []string) {
	lines := strings.SplitAfter(text, "\n")
	at := random.Intn(len(lines))
	with := func(name, text string) (string, []string) { return text, append(how, name) }
	switch random.Intn(16) {
	case 0:
		return with("line ends of Windows", strings.ReplaceAll(text, "\n", "\r\n"))
	case 1:
		return with("text before", "subject=/CN=x\nissuer: y\n"+text)
	case 2:
		return with("text after", text+"# the end")
	case 3:
		return with("no last line end", strings.TrimSuffix(text, "\n"))
	case 4:
		return with("parameters before", encode("EC PARAMETERS", []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7})+text)
	case 5:
		return with("another block before", other+text)
	case 6:
		return with("another block after", text+other)
	case 7:
		return with("headers", strings.Replace(text, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n", 1))
	case 8:
		return with("a line lost", strings.Join(append(append([]string{}, lines[:at]...), lines[at+1:]...), ""))
	case 9:
		return with("a line twice", strings.Join(append(append([]string{}, lines[:at+1]...), lines[at:]...), ""))
	case 10:
		cut := random.Intn(len(text))
		return with("cut", text[:cut])
	case 11:
		bytes := []byte(text)
		bytes[random.Intn(len(bytes))] = []byte("\n\r \t-:=A*\x00\xff")[random.Intn(11)]
		return with("a byte changed", string(bytes))
	case 12:
		return with("indented", "  "+strings.ReplaceAll(text, "\n", "\n  "))
	case 13:
		return with("blanks at line ends", strings.ReplaceAll(text, "\n", " \t\n"))
	case 14:
		return with("one line", strings.ReplaceAll(strings.ReplaceAll(text, "-----\n", "-----\v"), "\n", ""))
	default:
		return with("nothing", []string{"", "\n", "x", "-----BEGIN CERTIFICATE-----", "-----BEGIN A-----\n-----END A-----", "-----BEGIN A-----\nx: y\n-----END A-----\n"}[random.Intn(6)])
	}
}

var names = []string{"localhost", "LocalHost", "localhost.", "example.com", "a.example.com", "A.Example.Com.", "a.b.example.com", "*.example.com", "*", "", ".", "a", "-a", "a-", "a_b", "_a.example.com", "ä", "a..b", "10.0.0.1", "::ffff:10.0.0.1", "[fd00::1]", "fd00::1", "fd00:0:0::1", "[10.0.0.1]", "10.0.0.2", "010.0.0.1", "10.0.0", "[", "[]", "::1", "example.com:443", "x.*.com", "com"}

func hosts(key crypto.Signer, count int) {
	pick := func() string { return names[random.Intn(len(names))] }
	for range count {
		made := template(pick())
		for range random.Intn(4) {
			name := pick()
			if address := net.ParseIP(strings.Trim(name, "[]")); address != nil {
				made.IPAddresses = append(made.IPAddresses, address)
			} else if name != "ä" {
				made.DNSNames = append(made.DNSNames, name)
			}
		}
		der := must(x509.CreateCertificate(rand.Reader, made, made, key.Public(), key))
		certificate := must(x509.ParseCertificate(der))
		host := pick()
		say(answer{Ask: "host", How: fmt.Sprint(made.DNSNames, made.IPAddresses), Text: []byte(encode("CERTIFICATE", der)), Host: host}, certificate.VerifyHostname(host))
	}
}

// Authorities, intermediates and leaves in every relation.
func trust(count int) {
	kinds := []string{"p256", "p384", "ed25519", "rsa2048"}
	for range count {
		var all []*x509.Certificate
		var keys []crypto.Signer
		for i := range 4 {
			name := fmt.Sprint("n", random.Intn(3))
			key := generate(kinds[random.Intn(len(kinds)-min(1, random.Intn(8)))])
			made := template(name)
			if random.Intn(5) > 0 {
				made.BasicConstraintsValid, made.IsCA = true, random.Intn(6) > 0
				if made.IsCA && random.Intn(6) == 0 {
					made.MaxPathLen, made.MaxPathLenZero = random.Intn(2), true
				}
			}
			switch random.Intn(6) {
			case 0:
				made.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
			case 1:
				made.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
			case 2:
				made.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
			case 3:
				made.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
			}
			switch random.Intn(6) {
			case 0:
				made.KeyUsage = x509.KeyUsageDigitalSignature
			case 1, 2:
				made.KeyUsage = x509.KeyUsageCertSign
			}
			if random.Intn(10) == 0 {
				made.NotAfter = start.Add(time.Hour)
			}
			parent, parentKey := made, key
			if i > 0 && random.Intn(6) > 0 {
				from := random.Intn(i)
				parent, parentKey = all[from], keys[from]
			}
			der := must(x509.CreateCertificate(rand.Reader, made, parent, key.Public(), parentKey))
			all, keys = append(all, must(x509.ParseCertificate(der))), append(keys, key)
		}
		roots, shown := x509.NewCertPool(), x509.NewCertPool()
		rootText, shownText := "", ""
		for _, certificate := range all {
			text := encode("CERTIFICATE", certificate.Raw)
			if random.Intn(3) == 0 {
				roots.AddCert(certificate)
				rootText += text
			} else if random.Intn(2) == 0 {
				shown.AddCert(certificate)
				shownText += text
			}
		}
		leaf := all[len(all)-1]
		usage, name := x509.ExtKeyUsageServerAuth, "server"
		if random.Intn(2) == 0 {
			usage, name = x509.ExtKeyUsageClientAuth, "client"
		}
		now := start.Add(time.Duration(random.Intn(100)) * 24 * time.Hour)
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: shown, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
		say(answer{Ask: "trust", Text: []byte(encode("CERTIFICATE", leaf.Raw)), Roots: []byte(rootText), Shown: []byte(shownText), Usage: name, Now: now.Unix()}, err)
	}
}

func say(line answer, err error) {
	if err != nil {
		line.Error = err.Error()
	}
	if err := out.Encode(line); err != nil {
		panic(err)
	}
}
