//! Names of hosts: where they are looked up, and which of their addresses are tried.

use super::{Fix, once};

/// The edits, in the order of application.
pub(super) const FIXES: &[Fix] = &[
    // Leaving an endpoint never looks a name up: what a bind was told is remembered, and an address of numbers needs no
    // name server.
    once(
        "leave-name",
        "src/tcp_address.hpp",
        "    int resolve (const char *name_, bool local_, bool ipv6_);\n",
        "    //  With 'numbers_only', a name that has to be looked up is none. 'all' gets
    //  every address of the name.
    int resolve (const char *name_,
                 bool local_,
                 bool ipv6_,
                 bool numbers_only_ = false,
                 std::vector<tcp_address_t> *all_ = NULL);

    //  Makes an IPv4 address of one that was written as IPv6.
    int to_ipv4 ();
",
    ),
    once(
        "leave-name",
        "src/tcp_address.cpp",
        "int zmq::tcp_address_t::resolve (const char *name_, bool local_, bool ipv6_)\n",
        "int zmq::tcp_address_t::resolve (const char *name_,
                                 bool local_,
                                 bool ipv6_,
                                 bool numbers_only_,
                                 std::vector<tcp_address_t> *all_)
",
    ),
    once(
        "leave-name",
        "src/tcp_address.cpp",
        "      .allow_dns (true)\n",
        "      .allow_dns (!numbers_only_)\n",
    ),
    once(
        "leave-name",
        "src/socket_base.hpp",
        "    std::string _last_endpoint;\n",
        "    std::string _last_endpoint;

    //  What this was told to bind, if that is another text than the endpoint it
    //  became, and the other way round.
    std::multimap<std::string, std::string> _bound_names;
    std::map<std::string, std::string> _names_of_bound;

    void note_bound_name (const std::string &name_, const std::string &endpoint_);
    void forget_bound_name (const std::string &endpoint_);
",
    ),
    once(
        "leave-name",
        "src/socket_base.cpp",
        "tcp_listener_t (io_thread, this, options);
        alloc_assert (listener);
        rc = listener->set_local_address (address.c_str ());
",
        "tcp_listener_t (io_thread, this, options);
        alloc_assert (listener);
        rc = listener->set_local_address (address.c_str ());
        if (rc == 0) {
            std::string bound;
            listener->get_local_address (bound);
            note_bound_name (endpoint_uri_, bound);
        }
",
    ),
    once(
        "leave-name",
        "src/socket_base.cpp",
        "ws_listener_t (io_thread, this, options, false);
#endif
        alloc_assert (listener);
        rc = listener->set_local_address (address.c_str ());
",
        "ws_listener_t (io_thread, this, options, false);
#endif
        alloc_assert (listener);
        rc = listener->set_local_address (address.c_str ());
        if (rc == 0) {
            std::string bound;
            listener->get_local_address (bound);
            note_bound_name (endpoint_uri_, bound);
        }
",
    ),
    once(
        "leave-name",
        "src/socket_base.cpp",
        "      uri_protocol == protocol_name::tcp
        ? resolve_tcp_addr (endpoint_uri_str, uri_path.c_str ())
",
        "      uri_protocol == protocol_name::tcp
        ? resolve_tcp_addr (endpoint_uri_str, uri_path.c_str ())
        : uri_protocol == \"ws\" || uri_protocol == \"wss\"
        ? resolve_tcp_addr (endpoint_uri_str, NULL)
",
    ),
    once(
        "leave-name",
        "src/socket_base.cpp",
        "    if (_endpoints.find (endpoint_uri_pair_) == _endpoints.end ()) {
        tcp_address_t *tcp_addr",
        "    typedef std::multimap<std::string, std::string>::const_iterator name_t;
    std::pair<name_t, name_t> names =
      _bound_names.equal_range (endpoint_uri_pair_);
    if (_endpoints.find (endpoint_uri_pair_) == _endpoints.end ()) {
        for (name_t it = names.first; it != names.second; ++it) {
            if (_endpoints.find (it->second) != _endpoints.end ()) {
                endpoint_uri_pair_ = it->second;
                break;
            }
        }
    }
    if (tcp_address_
        && _endpoints.find (endpoint_uri_pair_) == _endpoints.end ()) {
        tcp_address_t *tcp_addr",
    ),
    once(
        "leave-name",
        "src/socket_base.cpp",
        "        int rc = tcp_addr->resolve (tcp_address_, false, options.ipv6);

        if (rc == 0) {
            tcp_addr->to_string (endpoint_uri_pair_);
            if (_endpoints.find (endpoint_uri_pair_) == _endpoints.end ()) {
                rc = tcp_addr->resolve (tcp_address_, true, options.ipv6);
                if (rc == 0) {
                    tcp_addr->to_string (endpoint_uri_pair_);
                }
            }
        }
        LIBZMQ_DELETE (tcp_addr);
    }
",
        "        std::string found;
        for (int local = 0; local != 2; local++) {
            if (tcp_addr->resolve (tcp_address_, local != 0, options.ipv6, true)
                  == 0
                && tcp_addr->to_string (found) == 0
                && _endpoints.find (found) != _endpoints.end ()) {
                endpoint_uri_pair_ = found;
                break;
            }
        }
        LIBZMQ_DELETE (tcp_addr);
    }
    forget_bound_name (endpoint_uri_pair_);
",
    ),
    once(
        "leave-name",
        "src/socket_base.cpp",
        "void zmq::socket_base_t::add_endpoint (\n",
        "//  With the port that a wildcard became.
void zmq::socket_base_t::note_bound_name (const std::string &name_,
                                          const std::string &endpoint_)
{
    const size_t name_path = name_.find ('/', name_.find (\"://\") + 3);
    const size_t path = endpoint_.find ('/', endpoint_.find (\"://\") + 3);
    const std::string host = name_.substr (0, name_path);
    const std::string bound = endpoint_.substr (0, path);
    const size_t port = bound.rfind (':');
    if (port == std::string::npos)
        return;
    const std::string name =
      host.substr (0, host.rfind (':')) + bound.substr (port)
      + (name_path == std::string::npos ? std::string ()
                                        : name_.substr (name_path));
    forget_bound_name (endpoint_);
    if (name != endpoint_) {
        _bound_names.insert (std::make_pair (name, endpoint_));
        _names_of_bound[endpoint_] = name;
    }
}

void zmq::socket_base_t::forget_bound_name (const std::string &endpoint_)
{
    const std::map<std::string, std::string>::iterator known =
      _names_of_bound.find (endpoint_);
    if (known == _names_of_bound.end ())
        return;
    typedef std::multimap<std::string, std::string>::iterator name_t;
    const std::pair<name_t, name_t> names =
      _bound_names.equal_range (known->second);
    for (name_t it = names.first; it != names.second; ++it) {
        if (it->second == endpoint_) {
            _bound_names.erase (it);
            break;
        }
    }
    _names_of_bound.erase (known);
}

void zmq::socket_base_t::add_endpoint (
",
    ),
    // A name may have several addresses, and only one of them a server.
    once(
        "every-address",
        "src/tcp_address.hpp",
        "#include \"ip_resolver.hpp\"\n",
        "#include \"ip_resolver.hpp\"\n#include <vector>\n",
    ),
    once(
        "every-address",
        "src/tcp_address.cpp",
        "    return resolver.resolve (&_address, name_);\n}\n",
        "    if (!all_)
        return resolver.resolve (&_address, name_);
    std::vector<ip_addr_t> found;
    if (resolver.resolve (&_address, name_, &found) != 0)
        return -1;
    for (size_t i = 0; i != found.size (); i++) {
        tcp_address_t address (*this);
        address._address = found[i];
        all_->push_back (address);
    }
    return 0;
}

int zmq::tcp_address_t::to_ipv4 ()
{
    if (!_address.to_ipv4 ()) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    if (_has_src_addr)
        _source_address.to_ipv4 ();
    return 0;
}
",
    ),
    once(
        "every-address",
        "src/ip_resolver.hpp",
        "#include \"address.hpp\"\n",
        "#include \"address.hpp\"\n#include <vector>\n",
    ),
    once(
        "every-address",
        "src/ip_resolver.hpp",
        "    void set_port (uint16_t);\n",
        "    void set_port (uint16_t);

    //  Between an IPv4 address and how IPv6 writes it.
    bool to_ipv4 ();
    void to_ipv6 ();
",
    ),
    once(
        "every-address",
        "src/ip_resolver.hpp",
        "    int resolve (ip_addr_t *ip_addr_, const char *name_);\n",
        "    int resolve (ip_addr_t *ip_addr_,
                 const char *name_,
                 std::vector<ip_addr_t> *all_ = NULL);
",
    ),
    once(
        "every-address",
        "src/ip_resolver.hpp",
        "    int resolve_getaddrinfo (ip_addr_t *ip_addr_, const char *addr_);\n",
        "    int resolve_getaddrinfo (ip_addr_t *ip_addr_,
                             const char *addr_,
                             std::vector<ip_addr_t> *all_);
",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "//  Construct an \"ANY\" address for the given family\n",
        "bool zmq::ip_addr_t::to_ipv4 ()
{
    if (family () != AF_INET6)
        return family () == AF_INET;
    if (!IN6_IS_ADDR_V4MAPPED (&ipv6.sin6_addr)
        && !IN6_IS_ADDR_UNSPECIFIED (&ipv6.sin6_addr))
        return false;
    sockaddr_in address;
    memset (&address, 0, sizeof (address));
    address.sin_family = AF_INET;
    address.sin_port = ipv6.sin6_port;
    memcpy (&address.sin_addr, ipv6.sin6_addr.s6_addr + 12, 4);
    ipv4 = address;
    return true;
}

void zmq::ip_addr_t::to_ipv6 ()
{
    if (family () != AF_INET)
        return;
    sockaddr_in6 address;
    memset (&address, 0, sizeof (address));
    address.sin6_family = AF_INET6;
    address.sin6_port = ipv4.sin_port;
    address.sin6_addr.s6_addr[10] = 0xff;
    address.sin6_addr.s6_addr[11] = 0xff;
    memcpy (address.sin6_addr.s6_addr + 12, &ipv4.sin_addr, 4);
    ipv6 = address;
}

//  Construct an \"ANY\" address for the given family
",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "int zmq::ip_resolver_t::resolve (ip_addr_t *ip_addr_, const char *name_)\n",
        "int zmq::ip_resolver_t::resolve (ip_addr_t *ip_addr_,
                                 const char *name_,
                                 std::vector<ip_addr_t> *all_)
",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "resolve_getaddrinfo (ip_addr_, addr_str);\n",
        "resolve_getaddrinfo (ip_addr_, addr_str, all_);\n",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "    assert (resolved == true);\n",
        "    for (size_t i = 0; all_ && i != all_->size (); i++) {
        (*all_)[i].set_port (port);
        if ((*all_)[i].family () == AF_INET6 && zone_id != 0)
            (*all_)[i].ipv6.sin6_scope_id = zone_id;
    }

    assert (resolved == true);
",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "                                             const char *addr_)\n",
        "                                             const char *addr_,
                                             std::vector<ip_addr_t> *all_)
",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "        req.ai_flags |= AI_V4MAPPED;\n    }\n#endif\n",
        "        req.ai_flags |= AI_V4MAPPED;
    }
#endif

    //  Those of both families. The ones of IPv4 are mapped below.
    if (all_ && req.ai_family == AF_INET6) {
        req.ai_family = AF_UNSPEC;
#if defined AI_V4MAPPED
        req.ai_flags &= ~AI_V4MAPPED;
#endif
    }
",
    ),
    once(
        "every-address",
        "src/ip_resolver.cpp",
        "    memcpy (ip_addr_, res->ai_addr, res->ai_addrlen);\n",
        "    memcpy (ip_addr_, res->ai_addr, res->ai_addrlen);

    if (all_) {
        const size_t most = 64;
        for (addrinfo *it = res; it && all_->size () < most; it = it->ai_next) {
            ip_addr_t found;
            memset (&found, 0, sizeof (found));
            if ((it->ai_family != AF_INET && it->ai_family != AF_INET6)
                || static_cast<size_t> (it->ai_addrlen) > sizeof (found))
                continue;
            memcpy (&found, it->ai_addr, it->ai_addrlen);
#if defined AI_V4MAPPED
            if (_options.ipv6 ())
                found.to_ipv6 ();
#endif
            bool known = false;
            for (size_t i = 0; i != all_->size () && !known; i++)
                known = memcmp (&(*all_)[i], &found, sizeof (found)) == 0;
            if (!known)
                all_->push_back (found);
        }
    }
",
    ),
    once(
        "every-address",
        "src/tcp.cpp",
        "    int rc = out_tcp_addr_->resolve (address_, local_, options_.ipv6);\n",
        "    int rc =
      address_ ? out_tcp_addr_->resolve (address_, local_, options_.ipv6) : 0;
",
    ),
    once(
        "every-address",
        "src/tcp.cpp",
        "        rc = out_tcp_addr_->resolve (address_, local_, false);\n",
        "        rc = address_ ? out_tcp_addr_->resolve (address_, local_, false)
                      : out_tcp_addr_->to_ipv4 ();
",
    ),
    once(
        "every-address",
        "src/tcp.hpp",
        "//  descriptor and assigns the resolved address to out_tcp_addr_.",
        "//  descriptor and assigns the resolved address to out_tcp_addr_, which is
//  taken as it is if there is no text.",
    ),
    // Over ws a connect looked the name up itself, and a bind never did.
    once(
        "ws-names",
        "src/ws_address.cpp",
        "#include <limits.h>\n",
        "#include <ctype.h>\n#include <limits.h>\n#include <stdlib.h>\n#include <string.h>\n",
    ),
    once("ws-names", "src/ws_address.cpp", "      .allow_dns (!local_)\n", "      .allow_dns (local_)\n"),
    once(
        "ws-names",
        "src/ws_address.cpp",
        "    return resolver.resolve (&_address, host_name.c_str ());\n",
        "    const int rc = resolver.resolve (&_address, host_name.c_str ());
    if (rc == 0 || local_)
        return rc;

    //  A name, which the connecter looks up.
    for (size_t i = 0; i != _host.size (); i++) {
        const char c = _host[i];
        if (!isalnum (static_cast<unsigned char> (c)) && c != '.' && c != '-'
            && c != '_')
            return rc;
    }
    const uint16_t port = static_cast<uint16_t> (
      atoi (host_name.substr (_host.size () + 1).c_str ()));
    if (_host.empty () || port == 0)
        return rc;
    memset (&_address, 0, sizeof (_address));
    _address.generic.sa_family = AF_INET;
    _address.set_port (port);
    return 0;
",
    ),
];
