// Generated from zmq.h by build/bindings.rs: see regenerate.sh.
use super::*;
use core::ffi::c_int;

pub const ZMQ_SERVER: c_int = 12;
pub const ZMQ_CLIENT: c_int = 13;
pub const ZMQ_RADIO: c_int = 14;
pub const ZMQ_DISH: c_int = 15;
pub const ZMQ_GATHER: c_int = 16;
pub const ZMQ_SCATTER: c_int = 17;
pub const ZMQ_DGRAM: c_int = 18;
pub const ZMQ_PEER: c_int = 19;
pub const ZMQ_CHANNEL: c_int = 20;
pub const ZMQ_ZAP_ENFORCE_DOMAIN: c_int = 93;
pub const ZMQ_LOOPBACK_FASTPATH: c_int = 94;
pub const ZMQ_METADATA: c_int = 95;
pub const ZMQ_MULTICAST_LOOP: c_int = 96;
pub const ZMQ_ROUTER_NOTIFY: c_int = 97;
pub const ZMQ_XPUB_MANUAL_LAST_VALUE: c_int = 98;
pub const ZMQ_SOCKS_USERNAME: c_int = 99;
pub const ZMQ_SOCKS_PASSWORD: c_int = 100;
pub const ZMQ_IN_BATCH_SIZE: c_int = 101;
pub const ZMQ_OUT_BATCH_SIZE: c_int = 102;
pub const ZMQ_WSS_KEY_PEM: c_int = 103;
pub const ZMQ_WSS_CERT_PEM: c_int = 104;
pub const ZMQ_WSS_TRUST_PEM: c_int = 105;
pub const ZMQ_WSS_HOSTNAME: c_int = 106;
pub const ZMQ_WSS_TRUST_SYSTEM: c_int = 107;
pub const ZMQ_ONLY_FIRST_SUBSCRIBE: c_int = 108;
pub const ZMQ_RECONNECT_STOP: c_int = 109;
pub const ZMQ_HELLO_MSG: c_int = 110;
pub const ZMQ_DISCONNECT_MSG: c_int = 111;
pub const ZMQ_PRIORITY: c_int = 112;
pub const ZMQ_BUSY_POLL: c_int = 113;
pub const ZMQ_HICCUP_MSG: c_int = 114;
pub const ZMQ_XSUB_VERBOSE_UNSUBSCRIBE: c_int = 115;
pub const ZMQ_TOPICS_COUNT: c_int = 116;
pub const ZMQ_NORM_MODE: c_int = 117;
pub const ZMQ_NORM_UNICAST_NACK: c_int = 118;
pub const ZMQ_NORM_BUFFER_SIZE: c_int = 119;
pub const ZMQ_NORM_SEGMENT_SIZE: c_int = 120;
pub const ZMQ_NORM_BLOCK_SIZE: c_int = 121;
pub const ZMQ_NORM_NUM_PARITY: c_int = 122;
pub const ZMQ_NORM_NUM_AUTOPARITY: c_int = 123;
pub const ZMQ_NORM_PUSH: c_int = 124;
pub const ZMQ_NORM_FIXED: c_int = 0;
pub const ZMQ_NORM_CC: c_int = 1;
pub const ZMQ_NORM_CCL: c_int = 2;
pub const ZMQ_NORM_CCE: c_int = 3;
pub const ZMQ_NORM_CCE_ECNONLY: c_int = 4;
pub const ZMQ_RECONNECT_STOP_CONN_REFUSED: c_int = 1;
pub const ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED: c_int = 2;
pub const ZMQ_RECONNECT_STOP_AFTER_DISCONNECT: c_int = 4;
pub const ZMQ_ZERO_COPY_RECV: c_int = 10;
pub const ZMQ_MSG_PROPERTY_ROUTING_ID: &::core::ffi::CStr = c"Routing-Id";
pub const ZMQ_MSG_PROPERTY_SOCKET_TYPE: &::core::ffi::CStr = c"Socket-Type";
pub const ZMQ_MSG_PROPERTY_USER_ID: &::core::ffi::CStr = c"User-Id";
pub const ZMQ_MSG_PROPERTY_PEER_ADDRESS: &::core::ffi::CStr = c"Peer-Address";
pub const ZMQ_NOTIFY_CONNECT: c_int = 1;
pub const ZMQ_NOTIFY_DISCONNECT: c_int = 2;
pub const ZMQ_EVENT_PIPES_STATS: c_int = 65536;
pub const ZMQ_CURRENT_EVENT_VERSION: c_int = 1;
pub const ZMQ_CURRENT_EVENT_VERSION_DRAFT: c_int = 2;
pub const ZMQ_EVENT_ALL_V1: c_int = 65535;
pub const ZMQ_EVENT_ALL_V2: c_int = 131071;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct zmq_poller_event_t {
    pub socket: *mut ::core::ffi::c_void,
    pub fd: zmq_fd_t,
    pub user_data: *mut ::core::ffi::c_void,
    pub events: ::core::ffi::c_short,
}
unsafe extern "C" {
    pub fn zmq_ctx_set_ext(
        context_: *mut ::core::ffi::c_void,
        option_: ::core::ffi::c_int,
        optval_: *const ::core::ffi::c_void,
        optvallen_: usize,
    ) -> ::core::ffi::c_int;
    pub fn zmq_ctx_get_ext(
        context_: *mut ::core::ffi::c_void,
        option_: ::core::ffi::c_int,
        optval_: *mut ::core::ffi::c_void,
        optvallen_: *mut usize,
    ) -> ::core::ffi::c_int;
    pub fn zmq_join(s: *mut ::core::ffi::c_void, group: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn zmq_leave(s: *mut ::core::ffi::c_void, group: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn zmq_connect_peer(s_: *mut ::core::ffi::c_void, addr_: *const ::core::ffi::c_char) -> u32;
    pub fn zmq_msg_set_routing_id(msg: *mut zmq_msg_t, routing_id: u32) -> ::core::ffi::c_int;
    pub fn zmq_msg_routing_id(msg: *mut zmq_msg_t) -> u32;
    pub fn zmq_msg_set_group(msg: *mut zmq_msg_t, group: *const ::core::ffi::c_char) -> ::core::ffi::c_int;
    pub fn zmq_msg_group(msg: *mut zmq_msg_t) -> *const ::core::ffi::c_char;
    pub fn zmq_msg_init_buffer(
        msg_: *mut zmq_msg_t,
        buf_: *const ::core::ffi::c_void,
        size_: usize,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_new() -> *mut ::core::ffi::c_void;
    pub fn zmq_poller_destroy(poller_p: *mut *mut ::core::ffi::c_void) -> ::core::ffi::c_int;
    pub fn zmq_poller_size(poller: *mut ::core::ffi::c_void) -> ::core::ffi::c_int;
    pub fn zmq_poller_add(
        poller: *mut ::core::ffi::c_void,
        socket: *mut ::core::ffi::c_void,
        user_data: *mut ::core::ffi::c_void,
        events: ::core::ffi::c_short,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_modify(
        poller: *mut ::core::ffi::c_void,
        socket: *mut ::core::ffi::c_void,
        events: ::core::ffi::c_short,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_remove(
        poller: *mut ::core::ffi::c_void,
        socket: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_wait(
        poller: *mut ::core::ffi::c_void,
        event: *mut zmq_poller_event_t,
        timeout: ::core::ffi::c_long,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_wait_all(
        poller: *mut ::core::ffi::c_void,
        events: *mut zmq_poller_event_t,
        n_events: ::core::ffi::c_int,
        timeout: ::core::ffi::c_long,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_fd(poller: *mut ::core::ffi::c_void, fd: *mut zmq_fd_t) -> ::core::ffi::c_int;
    pub fn zmq_poller_add_fd(
        poller: *mut ::core::ffi::c_void,
        fd: zmq_fd_t,
        user_data: *mut ::core::ffi::c_void,
        events: ::core::ffi::c_short,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_modify_fd(
        poller: *mut ::core::ffi::c_void,
        fd: zmq_fd_t,
        events: ::core::ffi::c_short,
    ) -> ::core::ffi::c_int;
    pub fn zmq_poller_remove_fd(poller: *mut ::core::ffi::c_void, fd: zmq_fd_t) -> ::core::ffi::c_int;
    pub fn zmq_socket_get_peer_state(
        socket: *mut ::core::ffi::c_void,
        routing_id: *const ::core::ffi::c_void,
        routing_id_size: usize,
    ) -> ::core::ffi::c_int;
    pub fn zmq_socket_monitor_versioned(
        s_: *mut ::core::ffi::c_void,
        addr_: *const ::core::ffi::c_char,
        events_: u64,
        event_version_: ::core::ffi::c_int,
        type_: ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn zmq_socket_monitor_pipes_stats(s: *mut ::core::ffi::c_void) -> ::core::ffi::c_int;
}
