# SPDX-License-Identifier: MIT
# Apache Thrift's Ruby: peer.rb GEN server DIALECT | client DIALECT PORT

begin
  require "thrift"
rescue LoadError => e
  puts "skipped: #{e.message}"
  exit 77
end

$LOAD_PATH.unshift(ARGV[0])
require "everything"
require "second"
require "future"

WORDS = ARGV[2].split("-")
MUX = WORDS[0] == "mux"
WORDS.shift if MUX
FRAMING, PROTOCOL = WORDS
include Everything
Calls = Everything::Everything # the service, in the module of the same name

class Handler
  def initialize
    @forgotten = 0
    @lock = Mutex.new
  end

  def echo(all) = all
  def flip(yes) = !yes
  def sum(a, b, c, d) = a + b + c + d
  def half(real) = real / 2
  def large(text) = text
  def nothing = nil
  def remembered = @forgotten
  def collect(alls) = { "once" => alls, "again" => alls }
  def grow(grow) = grow
  def seen = Seen.new(headers: {}, left_ms: -1, dialect: "")
  def relay = raise("only weft's server calls itself")
  def business(_status) = raise("sold out")
  def twice(number) = 2 * number

  def trouble(kind)
    case kind
    when 1
      raise Wrong.new(why: "all wrong", all: All.new(text: "inside"))
    when 2 then raise Late.new(ms: 2**63 - 1)
    when 3 then raise "out of order"
    end
    kind
  end

  def forget(number)
    @lock.synchronize { @forgotten += number }
  end

  def nap(ms)
    sleep ms / 1000.0
    ms
  end
end

class Transports < Thrift::BaseTransportFactory
  def get_transport(below)
    FRAMING == "framed" ? Thrift::FramedTransport.new(below)
                        : Thrift::BufferedTransport.new(below)
  end
end

class OldBinary < Thrift::BaseProtocolFactory
  def get_protocol(transport) =
    Thrift::BinaryProtocol.new(transport, false, false)
end

def protocols
  { "binary" => Thrift::BinaryProtocolFactory, "old" => OldBinary,
    "compact" => Thrift::CompactProtocolFactory,
    "json" => Thrift::JsonProtocolFactory }.fetch(PROTOCOL).new
end

# Prints its port.
class Port < Thrift::ServerSocket
  def listen
    super
    puts @handle.addr[1]
    $stdout.flush
  end
end

def serve
  handler = Handler.new
  processor = Calls::Processor.new(handler)
  if MUX
    services = Thrift::MultiplexedProcessor.new
    services.register_processor("Everything", processor)
    services.register_processor("Second", Second::Processor.new(handler))
    processor = services
  end
  Thrift::ThreadedServer.new(processor, Port.new("127.0.0.1", 0),
                             Transports.new, protocols).serve
end

def check(holds, what)
  raise "not true: #{what}" unless holds
end

def sample
  inner = Inner.new(x: -2, name: "two")
  All.new(
    yes: true, tiny: -128, small: -2**15, medium: -2**31, big: -2**63,
    real: 0.1, text: "na\u00efve \u20ac \u{1f600}", bytes: "\0\1\2\xff".b,
    color: Color::BLUE, inner: inner, choice: Choice.text("chosen"),
    numbers: [0, 1, -1, 2**31 - 1, -2**31], words: Set["a", "", "\u00fc"],
    counts: { "min" => -2**63, "max" => 2**63 - 1 },
    inners: [inner, Inner.new(x: 0, name: "")],
    lines: { 7 => ["x", ""], -7 => [] }, present: -42,
    bits: [true, false, true], reals: [0.0, -1.5, 1e300],
    bigs: Set[-2**63, 0], deep: [{ "k" => inner }, {}], fixed: 43,
    another: inner, blobs: ["\0\xff".b, "".b], grid: [[-2**15, -1], [], [1]],
    colors: { Color::RED => true, Color::BLUE => false }, far: 127
  )
end

# Apache's Ruby refuses a number that an enum does not name, and cannot read a
# union without a member.
def plain = All.new(tiny: 1, color: Color::RED, choice: Choice.number(0))

def fails_with(type)
  yield
  raise "no exception"
rescue Thrift::ApplicationException => e
  check(e.type == type, "type #{e.type}: #{e.message}")
  e.message
end

class Connection
  attr_reader :transport, :everything, :future, :second

  def initialize(timeout_s = 20)
    port = ARGV[3].to_i
    if FRAMING == "http"
      @transport = Thrift::HTTPClientTransport.new(
        "http://127.0.0.1:#{port}/weft")
      @transport.add_headers("ask" => "why not", "client_timeout" => "20000")
    else
      socket = Thrift::Socket.new("127.0.0.1", port, timeout_s)
      @transport = Transports.new.get_transport(socket)
      @transport.open
    end
    @protocol = protocols.get_protocol(@transport)
    @everything = Calls::Client.new(named("Everything"))
    @future = Future::Client.new(named("Everything"))
    @second = Second::Client.new(named("Second"))
  end

  def named(service)
    MUX ? Thrift::MultiplexedProtocol.new(@protocol, service) : @protocol
  end
end

# Apache's JSON reads text as bytes without an encoding.
def utf8(all)
  all.text.force_encoding("UTF-8")
  all.words = Set.new(all.words.map { |word| word.dup.force_encoding("UTF-8") })
  all
end

def check_values(c)
  check(c.echo(plain).fixed == 42, "a default")
  check(utf8(c.echo(sample)) == sample, "echo")
  check(c.flip(false) == true && c.flip(true) == false, "flip")
  check(c.sum(-128, -2**15, -2**31, -1) == -128 - 2**15 - 2**31 - 1, "sum")
  check(c.half(1e-300) == 0.5e-300, "half")
  c.nothing
  text = "0123456789abcdef" * (PROTOCOL == "json" ? 4096 : 65536)
  check(c.large(text) == text, "a megabyte")
  c.collect([sample, plain, sample]).each_value do |got|
    check(got.map(&:tiny) == [-128, 1, -128], "collect")
    check(utf8(got[0]) == sample && utf8(got[2]) == sample, "collect")
  end
end

def check_trouble(c)
  check(c.trouble(0).zero?, "no trouble")
  begin
    c.trouble(1)
    raise "no exception"
  rescue Wrong => e
    check(e.why == "all wrong" && e.all.text == "inside", "wrong")
  end
  begin
    c.trouble(2)
    raise "no exception"
  rescue Late => e
    check(e.ms == 2**63 - 1, "late")
  end
  text = fails_with(Thrift::ApplicationException::INTERNAL_ERROR) do
    c.trouble(3)
  end
  check(text.include?("out of order"), text)
  check(c.trouble(0).zero?, "no trouble")
end

def check_versions(c, newer)
  back = newer.grow(
    Grown.new(name: "first", all: sample, more: [sample, sample],
              index: { "a" => Set[1, 2], "b" => Set[] }, yes: true, real: 1.5,
              bytes: "\0".b, choice: Choice.number(1), tail: 1234567890123,
              last: 5), sample)
  check(back.name == "first" && back.tail == 1234567890123, "grown")
  check(back.more.nil? && back.last.nil?, "unknown fields")
  old = Grow.new(name: "old", tail: 7)
  check(c.grow(old) == old, "old")
  fails_with(Thrift::ApplicationException::UNKNOWN_METHOD) do
    newer.only_here(sample)
  end
end

def check_oneway(c)
  before = c.remembered
  (1..10).each { |i| c.forget(i) }
  100000.times { return if c.remembered == before + 55 }
  raise "forgotten indeed"
end

def check_timeout
  connection = Connection.new(0.1)
  ms = 2000
  begin
    # A reply comes only if this program was held up until then.
    loop { ms = 2 * connection.everything.nap(ms) }
  rescue Thrift::TransportException
    connection.transport.close
  end
  check(Connection.new.everything.nap(1) == 1, "nap")
end

def check_beside(c)
  seen = c.seen
  if FRAMING == "http"
    check(seen.headers["ask"] == "why not" && seen.left_ms.positive?, seen)
  else
    check(!seen.headers.key?("ask") && seen.left_ms == -1, seen)
  end
  c.business(1001)
  raise "no exception"
rescue Thrift::ApplicationException => e
  check(e.message.include?("sold out"), e.message)
end

def call
  connection = Connection.new
  c = connection.everything
  check_values(c)
  check_trouble(c)
  check_versions(c, connection.future)
  check_oneway(c)
  200.times { |i| check(c.sum(1, i, 2, 3) == i + 6, "sum") }
  if MUX
    check(connection.second.twice(21) == 42, "twice")
    fails_with(Thrift::ApplicationException::PROTOCOL_ERROR) do
      Calls::Client.new(connection.named("Nobody")).nothing
    end
    check(connection.second.twice(-21) == -42, "twice")
  end
  check_timeout unless FRAMING == "http" # its time-out cannot be set
  check_beside(c)
  connection.transport.close
end

ARGV[1] == "server" ? serve : call
